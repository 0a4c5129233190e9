"""How often the recommender is asked, and what it says: a Grafana dashboard over its Prometheus metrics."""

import sys
from typing import Any

from grafana_foundation_sdk.builders import dashboard, prometheus, timeseries
from grafana_foundation_sdk.cog.encoder import JSONEncoder

TITLE = "{{ cookiecutter.project }}"

# Each panel's title, unit and query.
PANELS = (
    ("Predictions per second", "reqps", "sum(rate(recommender_predictions_total[5m]))"),
    (
        "Mean rating, in stars",
        "short",
        "sum(rate(recommender_rating_sum[1h])) / sum(rate(recommender_rating_count[1h]))",
    ),
    ("Ratings by stars", "short", "sum by (le) (increase(recommender_rating_bucket[1h]))"),
    ("Error on held-out ratings (RMSE)", "short", "recommender_evaluation_rmse"),
)


def build() -> Any:
    """Return the dashboard."""
    made = dashboard.Dashboard(TITLE).uid(TITLE[:40]).tags(["modelyard"]).refresh("1m").time("now-24h", "now")
    for title, unit, query in PANELS:
        target = prometheus.Dataquery().expr(query).legend_format(title)
        made = made.with_panel(timeseries.Panel().title(title).unit(unit).with_target(target))
    return made.build()


if __name__ == "__main__":
    sys.stdout.write(JSONEncoder(sort_keys=True, indent=2).encode(build()) + "\n")
