"""How services limit names: length and form, by type. Source: the API references of the services."""

import re
from dataclasses import dataclass


@dataclass(frozen=True)
class Limit:
    """What a name has to be like.

    Args:
        name: the input that holds it.
        length: the most characters.
        form: what all of it matches.
    """

    name: str
    length: int
    form: str

    def allows(self, value: str) -> bool:
        return len(value) <= self.length and re.fullmatch(self.form, value) is not None


_SAGEMAKER = r"[a-zA-Z0-9](-*[a-zA-Z0-9])*"
LIMITS = {
    "aws:s3/bucket:Bucket": Limit("bucket", 63, r"[a-z0-9][a-z0-9.-]+[a-z0-9]"),
    "aws:kms/alias:Alias": Limit("name", 256, r"alias/[a-zA-Z0-9/_-]+"),
    "aws:ecr/repository:Repository": Limit(
        "name", 256, r"(?:[a-z0-9]+(?:[._-][a-z0-9]+)*/)*[a-z0-9]+(?:[._-]{1,2}[a-z0-9]+)*"
    ),
    "aws:iam/role:Role": Limit("name", 64, r"[\w+=,.@-]+"),
    "aws:iam/policy:Policy": Limit("name", 128, r"[\w+=,.@-]+"),
    "aws:iam/rolePolicy:RolePolicy": Limit("name", 128, r"[\w+=,.@-]+"),
    "aws:ec2/securityGroup:SecurityGroup": Limit("name", 255, r"(?!sg-)[a-zA-Z0-9 ._\-:/()#,@\[\]+=&;{}!$*]+"),
    "aws:cloudwatch/logGroup:LogGroup": Limit("name", 512, r"[\.\-_/#A-Za-z0-9]+"),
    "aws:cloudwatch/logResourcePolicy:LogResourcePolicy": Limit("policyName", 512, r".+"),
    "aws:cloudwatch/logMetricFilter:LogMetricFilter": Limit("name", 512, r"[^:*]+"),
    "aws:cloudwatch/eventRule:EventRule": Limit("name", 64, r"[\.\-_A-Za-z0-9]+"),
    "aws:cloudwatch/eventTarget:EventTarget": Limit("targetId", 64, r"[\.\-_A-Za-z0-9]+"),
    "aws:cloudwatch/metricAlarm:MetricAlarm": Limit("name", 255, r".+"),
    "aws:cloudwatch/dashboard:Dashboard": Limit("dashboardName", 255, r"[A-Za-z0-9_-]+"),
    "aws:cloudtrail/trail:Trail": Limit("name", 128, r"[a-zA-Z0-9][a-zA-Z0-9._-]+[a-zA-Z0-9]"),
    "aws:sns/topic:Topic": Limit("name", 256, r"[A-Za-z0-9_-]+"),
    "aws:lambda/function:Function": Limit("name", 64, r"[a-zA-Z0-9_-]+"),
    "aws:lambda/permission:Permission": Limit("statementId", 100, r"[a-zA-Z0-9_-]+"),
    "aws:codebuild/project:Project": Limit("name", 255, r"[A-Za-z0-9][A-Za-z0-9_-]+"),
    "aws:budgets/budget:Budget": Limit("name", 100, r"[^:\\/]+"),
    "aws:sagemaker/domain:Domain": Limit("domainName", 63, _SAGEMAKER),
    "aws:sagemaker/userProfile:UserProfile": Limit("userProfileName", 63, _SAGEMAKER),
    "aws:sagemaker/studioLifecycleConfig:StudioLifecycleConfig": Limit("studioLifecycleConfigName", 63, _SAGEMAKER),
    "aws:sagemaker/featureGroup:FeatureGroup": Limit("featureGroupName", 64, r"[a-zA-Z0-9]([-_]*[a-zA-Z0-9])*"),
    "aws:sagemaker/modelPackageGroup:ModelPackageGroup": Limit("modelPackageGroupName", 63, _SAGEMAKER),
    "aws:sagemaker/mlflowTrackingServer:MlflowTrackingServer": Limit("trackingServerName", 256, _SAGEMAKER),
    "aws:sagemaker/pipeline:Pipeline": Limit("pipelineName", 256, _SAGEMAKER),
    "aws:sagemaker/model:Model": Limit("name", 63, _SAGEMAKER),
    "aws:sagemaker/endpointConfiguration:EndpointConfiguration": Limit("name", 63, _SAGEMAKER),
    "aws:sagemaker/endpoint:Endpoint": Limit("name", 63, _SAGEMAKER),
}
# Types that have no name that a program gives: AWS makes one up, or they are known by what they are about.
NAMELESS = {
    "aws:kms/key:Key",
    "aws:costexplorer/costAllocationTag:CostAllocationTag",
    "aws:ecr/lifecyclePolicy:LifecyclePolicy",
    "aws:ecr/repositoryPolicy:RepositoryPolicy",
    "aws:ec2/defaultNetworkAcl:DefaultNetworkAcl",
    "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup",
    "aws:ec2/eip:Eip",
    "aws:ec2/flowLog:FlowLog",
    "aws:ec2/internetGateway:InternetGateway",
    "aws:ec2/natGateway:NatGateway",
    "aws:ec2/route:Route",
    "aws:ec2/routeTable:RouteTable",
    "aws:ec2/routeTableAssociation:RouteTableAssociation",
    "aws:ec2/subnet:Subnet",
    "aws:ec2/vpc:Vpc",
    "aws:ec2/vpcEndpoint:VpcEndpoint",
    "aws:iam/openIdConnectProvider:OpenIdConnectProvider",
    "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration",
    "aws:s3/bucketLogging:BucketLogging",
    "aws:s3/bucketObjectv2:BucketObjectv2",
    "aws:s3/bucketOwnershipControls:BucketOwnershipControls",
    "aws:s3/bucketPolicy:BucketPolicy",
    "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock",
    "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration",
    "aws:s3/bucketVersioning:BucketVersioning",
    "aws:sagemaker/modelPackageGroupPolicy:ModelPackageGroupPolicy",
    "aws:sns/topicPolicy:TopicPolicy",
    "aws:sns/topicSubscription:TopicSubscription",
    "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule",
    "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule",
}
