"""Model packages, models, endpoint configurations, feature groups, domains, tags, budgets: what moto lacks or loses."""

from typing import Any

import pytest
from botocore.exceptions import ClientError

from .conftest import ROLE, Cloud

SPECIFICATION = {
    "Containers": [{"Image": "sklearn", "ModelDataUrl": "s3://work/model.tar.gz"}],
    "SupportedContentTypes": ["text/csv"],
    "SupportedResponseMIMETypes": ["text/csv"],
}


def error(call: Any, **arguments: Any) -> tuple[str, str]:
    with pytest.raises(ClientError) as refused:
        call(**arguments)
    return refused.value.response["Error"]["Code"], refused.value.response["Error"]["Message"]


def test_model_packages_are_versions_of_their_group(cloud: Cloud) -> None:
    sagemaker = cloud.client("sagemaker")
    group = sagemaker.create_model_package_group(ModelPackageGroupName="versions")["ModelPackageGroupArn"]
    metrics = {"ModelQuality": {"Statistics": {"ContentType": "application/json", "S3Uri": "s3://work/e.json"}}}
    arns = [
        sagemaker.create_model_package(
            ModelPackageGroupName="versions",
            InferenceSpecification=SPECIFICATION,
            ModelMetrics=metrics,
            CustomerMetadataProperties={"commit": str(number)},
        )["ModelPackageArn"]
        for number in (1, 2, 3)
    ]
    base = "arn:aws:sagemaker:us-east-1:123456789012:model-package/versions"
    assert arns == [f"{base}/1", f"{base}/2", f"{base}/3"]
    sagemaker.update_model_package(
        ModelPackageArn=arns[1], ModelApprovalStatus="Approved", CustomerMetadataProperties={"by": "me"}
    )
    sagemaker.update_model_package(ModelPackageArn=arns[1], CustomerMetadataPropertiesToRemove=["commit"])
    package = sagemaker.describe_model_package(ModelPackageName=arns[1])
    assert (package["ModelApprovalStatus"], package["ModelMetrics"], package["CustomerMetadataProperties"]) == (
        "Approved",
        metrics,
        {"by": "me"},
    )
    assert (package["ModelPackageGroupName"], package["ModelPackageVersion"], package["ModelPackageStatus"]) == (
        "versions",
        2,
        "Completed",
    )

    def listed(**filters: str) -> list[int]:
        answer = sagemaker.list_model_packages(ModelPackageGroupName="versions", **filters)
        return [item["ModelPackageVersion"] for item in answer["ModelPackageSummaryList"]]

    assert listed() == [3, 2, 1]
    assert listed(SortBy="CreationTime", SortOrder="Ascending") == [1, 2, 3]
    assert listed(ModelApprovalStatus="Approved") == [2]
    assert listed(ModelApprovalStatus="PendingManualApproval") == [3, 1]
    code, message = error(sagemaker.delete_model_package_group, ModelPackageGroupName="versions")
    assert (code, message) == (
        "ConflictException",
        f"Model Package Group cannot be deleted because it still contains Model Packages: {group}",
    )
    sagemaker.delete_model_package(ModelPackageName=arns[2])
    again = sagemaker.create_model_package(ModelPackageGroupName="versions", InferenceSpecification=SPECIFICATION)
    assert again["ModelPackageArn"] == f"{base}/4"
    for arn in (arns[0], arns[1], again["ModelPackageArn"]):
        sagemaker.delete_model_package(ModelPackageName=arn)
    sagemaker.delete_model_package_group(ModelPackageGroupName="versions")
    assert error(sagemaker.describe_model_package_group, ModelPackageGroupName="versions") == (
        "ValidationException",
        f"ModelPackageGroup {group} does not exist.",
    )


def test_models_and_endpoint_configs_keep_every_field_and_refuse_duplicates(cloud: Cloud) -> None:
    sagemaker = cloud.client("sagemaker")
    request = {
        "ModelName": "whole",
        "ExecutionRoleArn": ROLE,
        "PrimaryContainer": {"Image": "sklearn", "ModelDataUrl": "s3://work/m.tar.gz", "Environment": {"A": "1"}},
        "EnableNetworkIsolation": True,
        "VpcConfig": {"SecurityGroupIds": ["sg-1"], "Subnets": ["subnet-1"]},
    }
    sagemaker.create_model(**request)
    described = sagemaker.describe_model(ModelName="whole")
    assert {key: described[key] for key in request} == request
    arn = "arn:aws:sagemaker:us-east-1:123456789012:model/whole"
    assert error(sagemaker.create_model, **request) == (
        "ValidationException",
        f'Cannot create already existing model "{arn}".',
    )
    variant = {"VariantName": "a", "ModelName": "whole", "InitialInstanceCount": 1, "InstanceType": "ml.m5.large"}
    config = {
        "EndpointConfigName": "whole",
        "ProductionVariants": [{**variant, "InitialVariantWeight": 1.0}],
        "ShadowProductionVariants": [{**variant, "VariantName": "b", "InitialVariantWeight": 1.0}],
        "DataCaptureConfig": {
            "EnableCapture": True,
            "InitialSamplingPercentage": 50,
            "DestinationS3Uri": "s3://work/capture",
            "CaptureOptions": [{"CaptureMode": "Input"}],
        },
        "KmsKeyId": "key",
    }
    sagemaker.create_endpoint_config(**config)
    described = sagemaker.describe_endpoint_config(EndpointConfigName="whole")
    assert {key: described[key] for key in config} == config
    code, _ = error(sagemaker.create_endpoint_config, **config)
    assert code == "ValidationException"
    missing = [{**variant, "ModelName": "missing"}]
    assert error(sagemaker.create_endpoint_config, EndpointConfigName="x", ProductionVariants=missing) == (
        "ValidationException",
        f'Could not find model "{arn.replace("whole", "missing")}".',
    )
    sagemaker.delete_model(ModelName="whole")
    assert error(sagemaker.describe_model, ModelName="whole") == (
        "ValidationException",
        f'Could not find model "{arn}".',
    )


def test_feature_groups_evolve(cloud: Cloud) -> None:
    sagemaker = cloud.client("sagemaker")
    request = {
        "FeatureGroupName": "customers",
        "RecordIdentifierFeatureName": "id",
        "EventTimeFeatureName": "at",
        "FeatureDefinitions": [
            {"FeatureName": "id", "FeatureType": "String"},
            {"FeatureName": "at", "FeatureType": "Fractional"},
        ],
        "OnlineStoreConfig": {
            "EnableOnlineStore": True,
            "TtlDuration": {"Unit": "Days", "Value": 30},
            "SecurityConfig": {"KmsKeyId": "key"},
        },
        "OfflineStoreConfig": {"S3StorageConfig": {"S3Uri": "s3://work/features"}},
        "RoleArn": ROLE,
        "Description": "whom we serve",
    }
    arn = sagemaker.create_feature_group(**request, Tags=[{"Key": "team", "Value": "a"}])["FeatureGroupArn"]
    sagemaker.update_feature_group(
        FeatureGroupName="customers", FeatureAdditions=[{"FeatureName": "age", "FeatureType": "Integral"}]
    )
    sagemaker.update_feature_group(
        FeatureGroupName="customers", OnlineStoreConfig={"TtlDuration": {"Unit": "Days", "Value": 60}}
    )
    group = sagemaker.describe_feature_group(FeatureGroupName="customers")
    assert [feature["FeatureName"] for feature in group["FeatureDefinitions"]] == ["id", "at", "age"]
    assert group["OnlineStoreConfig"] == request["OnlineStoreConfig"] | {"TtlDuration": {"Unit": "Days", "Value": 60}}
    assert (group["FeatureGroupStatus"], group["OfflineStoreStatus"]) == ("Created", {"Status": "Active"})
    assert group["OfflineStoreConfig"]["DataCatalogConfig"]["Database"] == "sagemaker_featurestore"
    assert sagemaker.list_tags(ResourceArn=arn)["Tags"] == [{"Key": "team", "Value": "a"}]
    sagemaker.add_tags(ResourceArn=arn, Tags=[{"Key": "env", "Value": "dev"}])
    sagemaker.delete_tags(ResourceArn=arn, TagKeys=["team"])
    assert sagemaker.list_tags(ResourceArn=arn)["Tags"] == [{"Key": "env", "Value": "dev"}]
    names = [item["FeatureGroupName"] for item in sagemaker.list_feature_groups()["FeatureGroupSummaries"]]
    assert names == ["customers"]
    assert error(sagemaker.create_feature_group, **request)[0] == "ResourceInUse"
    sagemaker.delete_feature_group(FeatureGroupName="customers")
    assert error(sagemaker.describe_feature_group, FeatureGroupName="customers")[0] == "ResourceNotFound"
    assert error(sagemaker.delete_feature_group, FeatureGroupName="customers")[0] == "ResourceNotFound"


def test_domains_and_user_profiles(cloud: Cloud) -> None:
    sagemaker = cloud.client("sagemaker")
    identity = sagemaker.create_domain(
        DomainName="studio",
        AuthMode="IAM",
        DefaultUserSettings={"ExecutionRole": ROLE},
        SubnetIds=["subnet-1"],
        VpcId="vpc-1",
        AppNetworkAccessType="VpcOnly",
        KmsKeyId="key",
    )["DomainId"]
    sagemaker.update_domain(DomainId=identity, DefaultUserSettings={"SecurityGroups": ["sg-1"]})
    domain = sagemaker.describe_domain(DomainId=identity)
    assert (domain["DefaultUserSettings"], domain["AppNetworkAccessType"], domain["Status"], domain["KmsKeyId"]) == (
        {"ExecutionRole": ROLE, "SecurityGroups": ["sg-1"]},
        "VpcOnly",
        "InService",
        "key",
    )
    sagemaker.create_user_profile(DomainId=identity, UserProfileName="ada")
    assert error(sagemaker.delete_domain, DomainId=identity)[0] == "ResourceInUse"
    sagemaker.delete_user_profile(DomainId=identity, UserProfileName="ada")
    sagemaker.delete_domain(DomainId=identity)
    assert error(sagemaker.describe_domain, DomainId=identity) == (
        "ResourceNotFound",
        f"Domain [{identity}] does not exist.",
    )


def test_budgets_are_updated_and_tagged(cloud: Cloud) -> None:
    budgets = cloud.client("budgets")
    account = "123456789012"
    budget = {
        "BudgetName": "month",
        "BudgetType": "COST",
        "TimeUnit": "MONTHLY",
        "BudgetLimit": {"Amount": "10", "Unit": "USD"},
    }
    subscriber = {"SubscriptionType": "EMAIL", "Address": "a@example.com"}
    notification = {"NotificationType": "ACTUAL", "ComparisonOperator": "GREATER_THAN", "Threshold": 80.0}
    budgets.create_budget(
        AccountId=account,
        Budget=budget,
        NotificationsWithSubscribers=[{"Notification": notification, "Subscribers": [subscriber]}],
        ResourceTags=[{"Key": "team", "Value": "a"}],
    )
    budgets.update_budget(AccountId=account, NewBudget=budget | {"BudgetLimit": {"Amount": "20", "Unit": "USD"}})
    limit = budgets.describe_budget(AccountId=account, BudgetName="month")["Budget"]["BudgetLimit"]
    assert limit == {"Amount": "20", "Unit": "USD"}
    listed = budgets.describe_notifications_for_budget(AccountId=account, BudgetName="month")["Notifications"]
    assert listed == [notification]
    subscribers = budgets.describe_subscribers_for_notification(
        AccountId=account, BudgetName="month", Notification=notification
    )
    assert subscribers["Subscribers"] == [subscriber]
    tags = budgets.list_tags_for_resource(ResourceARN=f"arn:aws:budgets::{account}:budget/month")
    assert tags["ResourceTags"] == [{"Key": "team", "Value": "a"}]
    budgets.delete_budget(AccountId=account, BudgetName="month")
