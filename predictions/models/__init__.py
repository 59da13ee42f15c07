"""Tables of the record: what was said, by which engine, what happened, and what each run did."""

from predictions.models.abstention import Abstention
from predictions.models.chain import RecordLink
from predictions.models.engine_version import EngineVersion
from predictions.models.forecast import Forecast
from predictions.models.inputs import MomentInputs
from predictions.models.judgement import Judgement, RoleChange
from predictions.models.outcome import Outcome
from predictions.models.range_scale import RangeScale
from predictions.models.run import ForecastRun
from predictions.models.tally import ClassTally, TallyMark

__all__ = [
    "Abstention",
    "ClassTally",
    "EngineVersion",
    "Forecast",
    "ForecastRun",
    "Judgement",
    "MomentInputs",
    "Outcome",
    "RangeScale",
    "RecordLink",
    "RoleChange",
    "TallyMark",
]
