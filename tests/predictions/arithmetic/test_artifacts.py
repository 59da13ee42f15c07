"""Trained engines as files: the same engine comes back, and nothing else does."""

import json

import numpy as np
import pytest

from core.lib.errors import ArtifactRefused
from predictions.engines import artifacts
from predictions.engines.learning import data_digest
from tests.predictions.arithmetic.rows import batch_of, examples_of, rows, trained

NAMES = ("volatility_24h", "return_1h", "hour")
POOL = trained(rows(), names=NAMES, version="7")


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "engines" / "pool-1h-7.npz"
    artifacts.save(path, POOL, scores={"ensemble": {"log_score": 1.08}}, trained_at=1_700_000_000)
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


def test_every_engine_comes_back_as_it_was(file):
    fresh = batch_of(rows(seed=1), names=NAMES)
    again = artifacts.load(file)
    assert (
        again.version == "7"
        and again.timeframe == POOL.timeframe
        and list(again.engines) == list(POOL.engines)
    )
    for name, engine in POOL.engines.items():
        first, second = engine.forecast(fresh), again.engines[name].forecast(fresh)
        assert again.engines[name].version == "7"
        assert np.array_equal(first.probabilities, second.probabilities, equal_nan=True)
        assert np.array_equal(first.quantiles, second.quantiles, equal_nan=True)


def test_a_pool_with_fitted_rules_comes_back(tmp_path):
    names = ("rvol_1h_7d", "return_24h", "hour")
    pool = trained(rows(n=1000), names=names)
    artifacts.save(tmp_path / "pool.npz", pool)
    again = artifacts.load(tmp_path / "pool.npz")
    assert again.engines["rules"].slope == pool.engines["rules"].slope
    assert again.engines["rules"].timeframe == pool.timeframe


def test_the_header_tells_where_it_comes_from(file):
    header = artifacts.read_header(file)
    assert header["engines"] == ["ensemble", "boosting", "volatility", "linear", "persistence"]
    assert header["scores"] == {"ensemble": {"log_score": 1.08}} and header["tokens"] == ["SOL"]
    assert header["features"] == list(NAMES) and set(header["libraries"]) == {"numpy", "scikit-learn"}
    assert header["rows"] == 3000 and header["span_from"] < header["span_to"] and header["trials"] >= 1


def test_other_rows_have_another_data_digest():
    examples = examples_of(rows(n=50), NAMES)
    other = examples_of(rows(n=50), NAMES)
    assert data_digest(other) == data_digest(examples)
    other.X[5, 0] += 1
    assert data_digest(other) != data_digest(examples)


def test_a_file_is_small(file):
    assert file.stat().st_size < 500_000


def test_the_same_state_has_the_same_digest_wherever_it_is_written(tmp_path):
    assert artifacts.save(tmp_path / "a.npz", POOL) == artifacts.save(tmp_path / "b.npz", POOL)


def test_another_file_than_the_expected_one_is_refused(file):
    with pytest.raises(ArtifactRefused, match="expected"):
        artifacts.load(file, "0" * 64)


def test_a_changed_figure_is_refused(file):
    with np.load(file) as found:
        arrays = {name: found[name] for name in found.files}
    arrays["boosting.figures"] = arrays["boosting.figures"] * 1.01
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
        (lambda header, arrays: header.update(engines=["oracle"]), "oracle"),
        (lambda header, arrays: header.update(timeframe="2h"), "2h"),
        (lambda header, arrays: header.update(features=["future"]), "future"),
        (lambda header, arrays: header.update(format=9), "format"),
        (lambda header, arrays: header.pop("features"), "header"),
        (lambda header, arrays: header["features"].pop(), "lacks"),
        (lambda header, arrays: arrays.pop("boosting.sideways.left"), "lacks"),
    ],
)
def test_a_foreign_file_is_refused(file, change, reason):
    with pytest.raises(ArtifactRefused, match=reason):
        artifacts.load(rewritten(file, change))


@pytest.mark.parametrize("name", ["engines", "features", "timeframe"])
@pytest.mark.parametrize("value", [None, 5, True, {}, [1], [["1h"]]])
def test_a_header_of_other_types_is_refused(file, name, value):
    with pytest.raises(ArtifactRefused, match=file.name):
        artifacts.load(rewritten(file, lambda header, arrays: header.update({name: value})))


@pytest.mark.parametrize("place", [4, 6, 8], ids=["zip version", "flags", "way of packing"])
def test_an_archive_that_claims_what_no_reader_knows_is_refused(file, place):
    """In the entry of the central directory these stand two bytes further than in that of the file."""
    whole = bytearray(file.read_bytes())
    whole[whole.rindex(b"PK\x01\x02") + place + 2] = 0x61
    whole[whole.rindex(b"PK\x03\x04") + place] = 0x61
    file.write_bytes(whole)
    with pytest.raises(ArtifactRefused, match="cannot be read"):
        artifacts.load(file)


def test_a_pickle_is_never_opened(tmp_path):
    path = tmp_path / "evil.npz"
    np.savez(path, header=np.array([{"engines": ["boosting"]}], dtype=object), allow_pickle=True)
    with pytest.raises(ArtifactRefused):
        artifacts.load(path)
