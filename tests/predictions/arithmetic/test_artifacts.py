"""Trained engines as files: the same engine comes back, and nothing else does."""

import json

import numpy as np
import pytest

from core.lib.errors import ArtifactRefused
from predictions.engines import artifacts
from predictions.engines.boosting import Boosting
from predictions.engines.rules import Rules, fit
from predictions.features.frame import FEATURE_NAMES
from tests.predictions.arithmetic.rows import batch_of, rows
from tests.predictions.arithmetic.test_rules import asking

NAMES = FEATURE_NAMES[:3]


def boosted():
    from predictions.engines.training import train

    return train(**rows(), feature_names=NAMES, version="7")


MODEL = boosted()


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "engines" / "boosting-1h-7.npz"
    artifacts.save(path, MODEL, scores={"log_skill": 0.03}, data_digest="abc", trained_at=1_700_000_000)
    return path


def rewritten(path, change):
    """The file with its header changed and its digest made right again, as a foreign maker would."""
    with np.load(path) as found:
        arrays = {name: found[name] for name in found.files}
    header = json.loads(arrays.pop("header").tobytes())
    header.pop("digest")
    change(header, arrays)
    header["digest"] = artifacts._digest(header, arrays)
    np.savez(path, header=np.frombuffer(json.dumps(header).encode(), np.uint8), **arrays)
    return path


def test_an_engine_comes_back_as_it_was(file):
    fresh = batch_of(rows(seed=1), names=NAMES)
    again = artifacts.load(file)
    assert isinstance(again, Boosting) and again.version == "7"
    first, second = MODEL.forecast(fresh), again.forecast(fresh)
    assert np.array_equal(first.probabilities, second.probabilities)
    assert np.array_equal(first.quantiles, second.quantiles)


def test_fitted_rules_come_back(tmp_path):
    fitted = fit(asking([1.6, 0.6], [3, -3]), np.array([0.05, -0.05]), "2")
    digest = artifacts.save(tmp_path / "rules.npz", fitted)
    again = artifacts.load(tmp_path / "rules.npz", digest)
    assert isinstance(again, Rules) and again.slope == fitted.slope and again.timeframe == fitted.timeframe


def test_the_header_tells_where_it_comes_from(file):
    header = artifacts.read_header(file)
    assert header["scores"] == {"log_skill": 0.03} and header["data_digest"] == "abc"
    assert header["features"] == list(NAMES) and set(header["libraries"]) == {"numpy", "scikit-learn"}


def test_the_same_state_has_the_same_digest_wherever_it_is_written(tmp_path):
    assert artifacts.save(tmp_path / "a.npz", MODEL) == artifacts.save(tmp_path / "b.npz", MODEL)


def test_another_file_than_the_expected_one_is_refused(file):
    with pytest.raises(ArtifactRefused, match="expected"):
        artifacts.load(file, "0" * 64)


def test_a_changed_figure_is_refused(file):
    with np.load(file) as found:
        arrays = {name: found[name] for name in found.files}
    arrays["figures"] = arrays["figures"] * 1.01
    np.savez(file, **arrays)
    with pytest.raises(ArtifactRefused, match="digest"):
        artifacts.load(file)


@pytest.mark.parametrize("keep", [0, 10, 0.5, 0.98])
def test_a_truncated_file_is_refused(file, keep):
    whole = file.read_bytes()
    file.write_bytes(whole[: int(keep * len(whole)) if isinstance(keep, float) else keep])
    with pytest.raises(ArtifactRefused, match="cannot be read"):
        artifacts.load(file)


def test_a_file_that_is_not_there_is_refused(tmp_path):
    with pytest.raises(ArtifactRefused, match="cannot be read"):
        artifacts.load(tmp_path / "nothing.npz")


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda header, arrays: header.update(definitions=2), "definitions 2"),
        (lambda header, arrays: header.update(engine="oracle"), "oracle"),
        (lambda header, arrays: header.update(timeframe="2h"), "2h"),
        (lambda header, arrays: header.update(features=["future"]), "future"),
        (lambda header, arrays: header.update(format=9), "format"),
        (lambda header, arrays: header.pop("features"), "header"),
        (lambda header, arrays: arrays.pop("sideways.left"), "lacks"),
    ],
)
def test_a_foreign_file_is_refused(file, change, reason):
    with pytest.raises(ArtifactRefused, match=reason):
        artifacts.load(rewritten(file, change))


def test_a_pickle_is_never_opened(tmp_path):
    path = tmp_path / "evil.npz"
    np.savez(path, header=np.array([{"engine": "boosting"}], dtype=object), allow_pickle=True)
    with pytest.raises(ArtifactRefused):
        artifacts.load(path)
