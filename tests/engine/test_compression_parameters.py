"""The recipe's structures against those of the installed NNCF."""

from __future__ import annotations

import enum
import inspect
import typing
from dataclasses import fields, is_dataclass
from typing import Any

import nncf
import pytest
from nncf.quantization import advanced_parameters as advanced
from nncf.quantization import range_estimator

from ovtui.core.recipes import compression as methods
from ovtui.core.recipes import method_parameters
from tests.support.nncf_classes import CLASSES, FUNCTIONS, HANDED_OVER

FIELDS = [pair for pair in CLASSES.items() if pair[0] is not method_parameters.Quantizer]


@pytest.mark.parametrize(("structure", "function"), FUNCTIONS.items())
def test_every_parameter_of_the_function_is_there(structure: Any, function: str) -> None:
    names = set(structure.__struct_fields__) - set(methods.OURS)
    assert names == set(inspect.signature(getattr(nncf, function)).parameters) - set(HANDED_OVER)


@pytest.mark.parametrize(("structure", "wanted"), FIELDS)
def test_every_field_of_the_dataclass_is_there(structure: Any, wanted: Any) -> None:
    assert set(structure.__struct_fields__) == {field.name for field in fields(wanted)}


def test_quantizers_have_the_fields_of_both_kinds() -> None:
    kinds = (advanced.QuantizationParameters, advanced.FP8QuantizationParameters)
    names = {field.name for kind in kinds for field in fields(kind)}
    assert set(method_parameters.Quantizer.__struct_fields__) == names


@pytest.mark.parametrize(("structure", "wanted"), FIELDS)
def test_words_of_a_dataclass_are_those_of_its_enums(structure: Any, wanted: Any) -> None:
    hints = typing.get_type_hints(wanted, vars(advanced) | vars(range_estimator))
    _same_words(structure, hints)


@pytest.mark.parametrize(("structure", "function"), FUNCTIONS.items())
def test_words_of_a_function_are_those_of_its_enums(structure: Any, function: str) -> None:
    _same_words(structure, typing.get_type_hints(getattr(nncf, function)))


def _same_words(structure: Any, hints: dict[str, Any]) -> None:
    for name, own in typing.get_type_hints(structure).items():
        words = {word for part in typing.get_args(own) for word in typing.get_args(part)}
        kinds = [
            kind
            for kind in (hints.get(name), *typing.get_args(hints.get(name)))
            if isinstance(kind, type) and issubclass(kind, enum.Enum)
        ]
        if kinds and words:
            known = {member.name for member in kinds[0]} | {member.value for member in kinds[0]}
            assert words <= known, name
            values = {member.value for member in kinds[0]}
            assert len(words) == len(values), f"{name}: {values}"


def test_dataclasses_are_still_dataclasses() -> None:
    assert all(is_dataclass(wanted) for wanted in CLASSES.values())
