"""What the record over HTTP answers, field by field, as the OpenAPI document shows it."""

from rest_framework import serializers

from core.api.fields import FiniteFloat, UtcDateTime
from predictions.api.queries import TIMEFRAME_NAMES
from predictions.api.serializers import ObservedOutput, Output
from predictions.horizons import CLASS_NAMES

_number = FiniteFloat


def _perhaps() -> FiniteFloat:
    return FiniteFloat(allow_null=True)


class SkillOutput(Output):
    value = _perhaps()
    low = _perhaps()
    high = _perhaps()
    blocks = serializers.IntegerField()
    note = serializers.CharField(allow_blank=True)


class CalibrationOutput(Output):
    bin = serializers.IntegerField()
    mean_probability = _number()
    observed = _number()
    low = _number()
    high = _number()
    n = serializers.IntegerField()


class BaselineScoresOutput(Output):
    log_score = _perhaps()
    brier = _perhaps()
    pinball = _perhaps()


class AllInstantsOutput(Output):
    n = serializers.IntegerField()
    void = serializers.IntegerField()
    late = serializers.IntegerField()
    fallback = serializers.IntegerField()


class EngineRecordOutput(Output):
    model = serializers.CharField()
    model_version = serializers.CharField()
    timeframe = serializers.ChoiceField(TIMEFRAME_NAMES)
    role = serializers.CharField()
    n = serializers.IntegerField()
    independent_n = serializers.IntegerField()
    log_score = _perhaps()
    brier = _perhaps()
    pinball = _perhaps()
    skill = SkillOutput()
    brier_skill = SkillOutput()
    pinball_skill = SkillOutput()
    hit_rate = _perhaps()
    direction_accuracy = _perhaps()
    direction_n = serializers.IntegerField()
    calibration = CalibrationOutput(many=True)
    ece = _perhaps()
    calibration_slope = _perhaps()
    coverage_80 = _perhaps()
    baseline = BaselineScoresOutput()
    void = serializers.IntegerField()
    late = serializers.IntegerField()
    all_instants = AllInstantsOutput()
    start = UtcDateTime(allow_null=True)
    end = UtcDateTime(allow_null=True)


class AbstentionsOutput(Output):
    timeframe = serializers.ChoiceField(TIMEFRAME_NAMES)
    code = serializers.CharField()
    n = serializers.IntegerField()
    counting = serializers.IntegerField()


class AgainstOutput(Output):
    model = serializers.CharField()
    n = serializers.IntegerField()
    log_score = _perhaps()
    their_log_score = _perhaps()
    skill = SkillOutput()


class ClassOutput(Output):
    vars()["class"] = serializers.ChoiceField(CLASS_NAMES)  # a reserved word
    calibration = CalibrationOutput(many=True)
    ece = _perhaps()
    slope = _perhaps()
    said = _perhaps()
    came = _perhaps()


class PartOutput(Output):
    name = serializers.CharField()
    id = serializers.CharField(allow_blank=True)
    n = serializers.IntegerField()
    log_score = _perhaps()
    coverage_80 = _perhaps()
    skill = SkillOutput()
    pinball_skill = SkillOutput()


class MonthOutput(Output):
    month = serializers.CharField()
    until = UtcDateTime()
    n = serializers.IntegerField()
    log_score = _perhaps()
    baseline_log_score = _perhaps()
    coverage_80 = _perhaps()
    skill_so_far = SkillOutput()
    skill_newest = SkillOutput()


class DetailOutput(Output):
    model = serializers.CharField()
    timeframe = serializers.ChoiceField(TIMEFRAME_NAMES)
    against = AgainstOutput(many=True)
    classes = ClassOutput(many=True)
    tokens = PartOutput(many=True)
    regimes = PartOutput(many=True)
    quarters = PartOutput(many=True)
    months = MonthOutput(many=True)


class TrackRecordOutput(ObservedOutput):
    models = EngineRecordOutput(many=True)
    engines = EngineRecordOutput(many=True)
    published = EngineRecordOutput(many=True)
    abstentions = AbstentionsOutput(many=True)
    detail = DetailOutput(allow_null=True)
    definitions = serializers.IntegerField()
    thinned = serializers.BooleanField()
