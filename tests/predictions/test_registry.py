"""One file a timeframe, one version for each engine in it; the number of challengers stays bounded."""

from dataclasses import replace
from datetime import timedelta

import pytest
from django.db import IntegrityError

from core.lib.errors import ArtifactRefused
from predictions.models import EngineVersion, RangeScale, RoleChange
from predictions.services.engines import ensure_engine_versions, load_engine
from predictions.services.registry import keep_pool, register
from predictions.services.roles import appoint
from tests.make.markets import NOON, a_token
from tests.make.pools import TRAINED_AT, a_pool, skill
from tests.make.predictions import a_version

pytestmark = pytest.mark.django_db
MONTH = timedelta(days=30)
ENGINES = {"ensemble", "boosting", "volatility", "linear", "persistence", "rules"}


def trained(number=0, scores=None):
    """The pool of one training, `number` months after the first."""
    pool = replace(
        a_pool(), version=f"month-{number}", header={**a_pool().header, "version": f"month-{number}"}
    )
    made = register(keep_pool(pool, scores or {}, TRAINED_AT + number * MONTH))
    return {version.engine: version for version in made}


def roles(engine="ensemble"):
    return dict(EngineVersion.objects.filter(engine=engine).order_by("pk").values_list("version", "role"))


def test_each_engine_of_the_file_is_a_challenger_with_its_own_scores():
    made = trained(scores={"ensemble": skill(0.01), "linear": skill(-0.01)})
    assert set(made) == ENGINES
    assert {version.role for version in made.values()} == {"challenger"}
    assert len({(version.artifact, version.artifact_digest) for version in made.values()}) == 1
    assert made["ensemble"].scores["skill"]["low"] == 0.01
    assert made["linear"].scores["skill"]["low"] == -0.01
    assert "skill" not in made["persistence"].scores


def test_the_registry_says_what_was_learned_from():
    version = trained()["boosting"]
    header = a_pool().header
    assert version.trained_at == TRAINED_AT
    assert version.span_from < version.span_to < TRAINED_AT - timedelta(hours=4)
    assert version.features == header["features"]
    told = version.scores["training"]
    assert (told["rows"], told["data_digest"]) == (header["rows"], header["data_digest"])
    assert told["trials"] >= 1
    assert set(told["libraries"]) == {"numpy", "scikit-learn"}


def test_each_version_takes_its_own_engine_out_of_the_file():
    for name, version in trained().items():
        engine = load_engine(version)
        assert (engine.name, engine.version) == (name, "month-0")


def test_an_engine_that_the_file_does_not_hold_is_refused():
    version = trained()["ensemble"]
    version.engine = "lstm"
    with pytest.raises(ArtifactRefused, match="holds no engine called lstm"):
        load_engine(version)


def test_a_file_of_another_timeframe_is_refused():
    version = trained()["ensemble"]
    version.timeframe = "1h"
    with pytest.raises(ArtifactRefused, match="was trained for 4h"):
        load_engine(version)


def test_the_same_file_is_registered_once():
    entry = keep_pool(a_pool(), {}, TRAINED_AT)
    assert len(register(entry)) == len(ENGINES)
    assert register(entry) == []
    assert EngineVersion.objects.count() == len(ENGINES)


def test_another_file_of_the_same_name_is_told_apart():
    register(replace(keep_pool(a_pool(), {}, TRAINED_AT), artifact="4h/one.npz"))
    other = register(replace(keep_pool(a_pool(), {}, TRAINED_AT), artifact="4h/two.npz"))
    assert all(version.version.startswith("7-") for version in other)


def test_a_younger_version_replaces_all_challengers_but_the_eldest():
    """The eldest goes on gathering live outcomes; without it no version would ever have thirty blocks of them."""
    for number in range(4):
        trained(number)
    assert roles() == {
        "month-0": "challenger",
        "month-1": "retired",
        "month-2": "retired",
        "month-3": "challenger",
    }
    change = RoleChange.objects.filter(version__engine="ensemble").first()
    assert (change.role_before, change.role_after, change.basis) == ("challenger", "retired", "")
    assert change.reason == "ensemble month-2 4h replaces it."


def test_an_eldest_that_never_earned_the_place_retires_at_last():
    for number in (0, 1, 14):
        trained(number)
    assert roles() == {"month-0": "retired", "month-1": "challenger", "month-14": "challenger"}


def test_a_champion_stays_until_it_is_beaten():
    champion = trained(0)["ensemble"]
    appoint(champion, basis="staff", reason="It is the first.")
    for number in range(1, 16):
        trained(number)
    assert roles()["month-0"] == "champion"
    assert list(roles().values()).count("challenger") == 2


def test_challengers_of_other_timeframes_and_engines_stay():
    other = a_version("1h", "ensemble", version="1", trained_at=NOON - 20 * MONTH)
    trained(0)
    trained(1)
    other.refresh_from_db()
    assert other.role == "challenger"
    assert set(roles("linear").values()) == {"challenger"}


def test_the_untrained_rules_give_way_to_fitted_ones_and_stay_away():
    ensure_engine_versions()
    trained()
    ensure_engine_versions()
    assert roles("rules") | {"1": ""} == {"1": "", "month-0": "challenger"}
    assert EngineVersion.objects.get(engine="rules", version="1", timeframe="4h").role == "retired"


def test_a_new_version_goes_on_with_the_ranges_of_the_one_before():
    first, token = trained(0)["ensemble"], a_token()
    RangeScale.objects.create(engine_version=first, token=token, log_factor=0.25, outcomes=90)
    second = trained(1)["ensemble"]
    assert RangeScale.objects.get(engine_version=second, token=token).log_factor == 0.25


def test_a_registration_that_fails_half_way_leaves_nothing(monkeypatch):
    calls = []

    def failing(version):
        calls.append(version)
        if len(calls) == 3:
            raise IntegrityError

    monkeypatch.setattr("predictions.services.registry.inherit_range_scales", failing)
    with pytest.raises(IntegrityError):
        trained()
    assert not EngineVersion.objects.exists()
