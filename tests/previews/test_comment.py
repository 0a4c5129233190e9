"""The comment for a pull request."""

from previews.test_expiry import FIRST

from modelyard.previews.comment import MARK, Report, markdown


def test_a_stack_that_is_up():
    report = Report(
        stack=FIRST,
        outcome="succeeded",
        changes={"create": 9, "update": 0, "same": 2},
        usd=12.5,
        usd_limit=100,
        dearest=[("Endpoint configuration x", 12.5)],
        endpoint="churn-feature-a-endpoint",
        model="version 1 of its own group",
        metrics={"accuracy": 0.91, "new": 1},
        main_metrics={"accuracy": 0.9, "old": 2},
    )
    assert (
        markdown(report)
        == f"""{MARK}
### Stack of <code>feature/a</code> is up

| | |
| --- | --- |
| Stack | <code>{FIRST.stack}</code> |
| Platform | <code>dev</code> |
| Commit | <code>c0ffee</code> |
| Owner | <code>ada&#64;example.com</code> |
| Endpoint | <code>churn-feature-a-endpoint</code> |
| Serves | version 1 of its own group |
| Lives until | 2030-02-13; longer: <code>modelyard branch extend feature/a</code> |

**Resources**: 9 create, 2 same

**Cost**: 12.50 US dollars a month of at most 100, by list prices

| Part | US dollars a month |
| --- | ---: |
| Endpoint configuration x | 12.50 |

**Metrics**

| Metric | This branch | Main | Difference |
| --- | ---: | ---: | ---: |
| accuracy | 0.9100 | 0.9000 | +0.0100 |
| new | 1.0000 |  |  |
| old |  | 2.0000 |  |
"""
    )


def test_a_stack_that_failed():
    text = markdown(Report(stack=FIRST, outcome="failed", problems=["boom `x` <b>\nnext"]))
    assert "### Stack of <code>feature/a</code> **failed**" in text
    assert "- <code>boom &#96;x&#96; &lt;b&gt; next</code>" in text
    assert "**Cost**: not estimated" in text
    assert "**Resources**: no changes" in text
    assert "none: no model has been approved" in text
