"""Tables of the record: what was said, by which engine, what happened, and what each run did."""

from predictions.models.engine_version import EngineVersion
from predictions.models.forecast import Forecast
from predictions.models.outcome import Outcome
from predictions.models.run import ForecastRun
from predictions.models.tally import ClassTally, TallyMark

__all__ = ["ClassTally", "EngineVersion", "Forecast", "ForecastRun", "Outcome", "TallyMark"]
