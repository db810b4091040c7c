"""A recipe: what to compress, how, on which data, and what is measured. TOML, decoded strictly."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Literal

import msgspec

from ovtui.core.files import strict
from ovtui.core.files.reading import JsonObject, read_toml, readable
from ovtui.core.recipes.compression import Method
from ovtui.core.recipes.metrics import is_reference
from ovtui.core.recipes.overrides import override
from ovtui.core.recipes.standard_variants import standard_variants
from ovtui.core.recipes.task import TASKS, Task, components_of
from ovtui.core.recipes.task_info import TaskInfo
from ovtui.core.text.errors import RecipeError

BUCKET = "bucket"
"""The key of a variant's `execution` that is no property of OpenVINO."""
Property = bool | int | float | str
Count = Annotated[int, msgspec.Meta(ge=1)]
Column = str | Annotated[list[str], msgspec.Meta(min_length=1)]
Name = Annotated[str, msgspec.Meta(pattern=r"^\w[\w .+=-]{0,63}(?!\n)$")]
"""Of a variant or a component: files and folders are called that."""


class _Strict(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Structure that refuses keys it does not know."""


class Model(_Strict, frozen=True, kw_only=True):
    """Where the model comes from."""

    source: str
    """Hub id or folder, `torch.hub:REPOSITORY:ENTRY`, `file.py:function`, `.xml`, `.onnx`."""
    class_: str | None = msgspec.field(default=None, name="class")
    """The class of transformers, where a config.json does not say what kind of model it is."""
    revision: str | None = None
    """Commit, tag or branch of a hub id or a remote torch.hub repository."""
    arguments: dict[str, Any] = {}
    """Keyword arguments of the function or entry point."""
    weights: str | None = None
    """A safetensors file to load into what the function returns."""
    scores: str | None = None
    """The output that holds a classifier's scores, by name or position; found when left out."""
    decode: str | None = None
    """`file.py:function` from a detector's outputs to objects; how is recognised when left out."""
    dynamic: dict[str, list[Annotated[int, msgspec.Meta(ge=0)]]] = {}
    """Axes that a PyTorch model of the task `tensors` takes in any length, by the input's name and
    with the batch axis as 0; where evaluation rows differ when left out."""


class Preprocessing(_Strict, frozen=True, kw_only=True):
    """From a picture to the model's input; left out for a Hugging Face model with its own."""

    resize: Annotated[list[Count], msgspec.Meta(min_length=1, max_length=2)] | None = None
    """[height, width], or [shortest edge]."""
    crop: Annotated[list[Count], msgspec.Meta(min_length=2, max_length=2)] | None = None
    """[height, width] cut out of the middle."""
    fit: Literal["stretch", "letterbox", "top-left"] = "stretch"
    """What `resize` to [height, width] does: it stretches pictures to that, or scales them until
    they fit, with padding around (`letterbox`) or to the right and below."""
    padding: Annotated[float, msgspec.Meta(ge=0, le=255)] = 114.0
    """Pixel value beside a picture that does not fill the input."""
    interpolation: Literal["nearest", "bilinear", "bicubic", "lanczos"] = "bilinear"
    colour: Literal["rgb", "bgr", "grey"] = "rgb"
    layout: Literal["nchw", "nhwc"] = "nchw"
    scale: Annotated[float, msgspec.Meta(gt=0)] = 255.0
    """Pixel values are divided by this first."""
    mean: tuple[float, ...] = (0.0,)
    std: tuple[float, ...] = (1.0,)


class Tokens(_Strict, frozen=True, kw_only=True):
    """From a text to the model's input; the tokenizer is the model's own."""

    max_length: Count | None = None
    """Tokens after which a text, or pair of texts, is cut; the model's limit when left out."""


class Subset(_Strict, frozen=True, kw_only=True):
    """Which samples of a data set; what is left out is taken from `[data]`."""

    split: str
    """A split, or a slice of one as in `test[:500]` or `train[10%:]`; `all[1::2]` is every second
    row."""
    samples: Count | None = None
    """How many; all when left out."""
    shuffle: bool = True
    """Takes them at random (by `seed`) where fewer than all are taken."""
    seed: int = 0
    source: str | None = None
    config: str | None = None
    revision: str | None = None
    columns: dict[str, Column] | None = None


class Data(_Strict, frozen=True, kw_only=True):
    """The data for calibration and for evaluation."""

    source: str
    """Hub id, folder, `.csv`, `.json`, `.parquet` or `.npz` file, or `file.py:function`."""
    evaluation: Subset
    calibration: Subset | None = None
    """What methods calibrate with; it may be missing where none does."""
    validation: Subset | None = None
    """What accuracy control judges by; calibration samples when left out."""
    config: str | None = None
    revision: str | None = None
    columns: dict[str, Column] = {}
    """The data set's column for each one that the task needs, as in `image = "img"`; of an input of
    the task `tensors` also several, whose numbers it takes together: `x = ["height", "width"]`."""
    labels: list[str] | None = None
    """Names by class index of the model; taken from model or data set when left out."""
    label_order: list[str] | Literal["model"] | None = None
    """Names by the data's own numbers, where its order is another than the model's; or `"model"`
    where the data's numbers are the model's, though it calls the classes otherwise."""
    first_label: int = 0
    """The data's number for the first class, as 1 where labels count from 1."""
    ignore_index: int | None = None
    """Of masks: the number of pixels that do not count. When left out 255, but for two classes,
    whose masks are often of 0 and 255: there it is the second."""
    encoding: str | None = None
    """Of a CSV file, as in `latin-1`; found when left out, where it is UTF-8 or UTF-16."""
    prompt: Annotated[str, msgspec.Meta(pattern=r"\{(label|text|question)\}")] = (
        "a photo of a {label}"
    )
    """Words around a candidate `{label}`, or around a `{text}` or `{question}` to be answered."""
    preprocessing: Preprocessing | None = None
    tokens: Tokens = Tokens()
    private_hosts: bool = False
    """Pictures may be fetched from addresses of this machine and its network."""
    allow_overlap: bool = False
    """Calibrate on samples that accuracy is measured on; the result says so."""


class Baseline(_Strict, frozen=True, kw_only=True):
    """What every variant is compared with."""

    storage: Literal["fp16", "fp32"] = "fp16"
    """Floating-point type that the weights are stored in."""
    default_precision: bool = True
    """Also run the baseline in the device's default precision, where that is not f32."""
    pytorch: bool = False
    """Also run the PyTorch model that the baseline was converted from, in f32 on the CPU."""


class Variant(_Strict, frozen=True, kw_only=True):
    """One way to compress the model's components, and the properties to execute it with."""

    name: Name
    components: dict[str, Method]
    execution: dict[str, Property] = {}
    """OpenVINO properties, as in `INFERENCE_PRECISION_HINT = "f32"`; and `bucket`, which OpenVINO
    does not see: the multiple of tokens that texts are padded to."""

    @property
    def properties(self) -> dict[str, Property]:
        """Returns what OpenVINO is told."""
        return {key: value for key, value in self.execution.items() if key != BUCKET}

    @property
    def bucket(self) -> int | None:
        """The multiple of tokens that texts are padded to, which `recipe_check` has looked at."""
        multiple = self.execution.get(BUCKET)
        return None if multiple is None else int(multiple)


class Sweep(_Strict, frozen=True, kw_only=True):
    """Throughput at every combination of streams, samples in a request, and threads."""

    streams: list[Count] = []
    """`NUM_STREAMS`; powers of two up to the cores, and their number, when left out."""
    batches: list[Count] = msgspec.field(default_factory=lambda: [1])
    """Samples in a request."""
    threads: list[Count] = []
    """`INFERENCE_NUM_THREADS`; as many as the device takes by itself when left out."""
    latency_ms: Annotated[float, msgspec.Meta(gt=0)] | None = None
    """The best point is the quickest whose requests take no longer than this, nine of ten."""
    seconds: Annotated[float, msgspec.Meta(gt=0)] = 1.0
    """For each variant and point."""


class Measure(_Strict, frozen=True, kw_only=True):
    """What is measured, and for how long."""

    latency: bool = True
    throughput: bool = True
    seconds: Annotated[float, msgspec.Meta(gt=0)] = 3.0
    """For each variant and mode."""
    batches: list[Annotated[int, msgspec.Meta(ge=2)]] = []
    """Also measure throughput with so many samples in a request, as in `[8, 32]`."""
    sweep: Sweep | None = None
    """Also measure throughput over streams, samples in a request, and threads."""
    blocks: Annotated[int, msgspec.Meta(ge=2)] = 10
    """Interleaved blocks that the seconds are divided into."""
    choose_execution: bool = True
    """Time OpenVINO properties on each compressed variant, and execute it with the fastest."""
    tokens: Count | None = None
    """Where speed is measured: the length that texts are padded or cut to, their own when left out;
    of a pipeline, the length of the answers that it generates."""


class Generation(_Strict, frozen=True, kw_only=True):
    """How a pipeline generates text; what is left out is the model's own `generation_config`."""

    max_new_tokens: Count | None = None
    num_beams: Count | None = None
    language: str | None = None
    """Speech: what is spoken, as in `en`; detected when left out."""
    translate: bool = False
    """Speech: into English, where the model can."""


class Recipe(_Strict, frozen=True, kw_only=True):
    """Everything that a run needs to know."""

    schema: Literal[1]
    title: str = ""
    """What it is called in reports; the file's name when left out."""
    task: Task
    model: Model
    data: Data
    variants: Annotated[list[Variant], msgspec.Meta(min_length=1)]
    components: dict[Name, str] = {}
    """Dotted paths of a pipeline's components in its model, by name; the task's own if left out.

    An empty path is the model itself, where its generation loop calls that."""
    generation: Generation = Generation()
    metric: str | None = None
    """The task's own when left out; otherwise a hub metric, or `file.py:function`."""
    also: list[str] = []
    """Further metrics that are reported, named as `metric`; they decide no verdict."""
    max_drop: Annotated[float, msgspec.Meta(ge=0)] = 0.01
    """How much worse the metric may get, in its own units."""
    baseline: Baseline = Baseline()
    measure: Measure = Measure()
    samples: Annotated[int, msgspec.Meta(ge=0)] = 12
    """Evaluation samples to keep with every variant's prediction, changed ones first."""
    trust: bool = False
    """Allow remote code and pickled weights; the run records it."""

    @property
    def task_info(self) -> TaskInfo:
        """What is known of its task."""
        return TASKS[self.task]

    @property
    def metric_names(self) -> list[str]:
        """All metrics: the one that decides first, the task's own where none is named."""
        return [self.metric or self.task_info.metric, *self.also]

    @property
    def calibration(self) -> Subset:
        """The data that methods calibrate with.

        Raises:
            RecipeError: the recipe has none, which `recipe_check` refuses where it is needed.
        """
        if self.data.calibration is None:
            raise RecipeError("data.calibration: missing")
        return self.data.calibration

    @property
    def names_references(self) -> bool:
        """Returns whether `data.columns` of a `tensors` recipe names right answers."""
        return any(map(is_reference, self.data.columns | (self.data.evaluation.columns or {})))

    @property
    def component_names(self) -> tuple[str, ...]:
        """What the model is made of: itself alone, or the parts of a pipeline."""
        return tuple(self.components) or components_of(self.task)


def parts(column: Column) -> list[str]:
    """Returns the data's columns that one of the task is made of."""
    return [column] if isinstance(column, str) else column


def load(path: Path, overrides: list[str] | None = None, *, standard: bool = False) -> Recipe:
    """Reads a recipe.

    Args:
        path: the TOML file.
        overrides: `KEY=VALUE` settings; a variant is named by its name, as in
            `variants.int8.components.model.preset="mixed"`; a name with a dot is quoted;
            `variants=["int8"]` keeps only those that it names; a table of TOML adds one, as in
            `variants.w8={ components.model = { method = "…" } }`.
        standard: try the standard variants in place of the recipe's own.

    Raises:
        RecipeError: names file, key, what was expected and the nearest valid name.
        UserError: the file cannot be read.
    """
    with readable(path):
        table = read_toml(path)
    if standard:
        table["variants"] = standard_variants(table)
    for setting in overrides or []:
        override(table, setting)
    where = f"{path} with --set" if overrides else str(path)
    recipe = strict.convert(table, Recipe, where)
    _check_components(recipe, where)
    _check_variants(recipe, where)
    if not recipe.title:
        recipe = msgspec.structs.replace(recipe, title=path.stem)
    return _with_defaults(recipe)


def json_schema() -> JsonObject:
    """Returns the JSON Schema of a recipe, for editors."""
    return msgspec.json.schema(Recipe)


def _with_defaults(recipe: Recipe) -> Recipe:
    """The recipe with what its task calls for where it says nothing."""
    if not recipe.task_info.transformer:
        return recipe
    variants = [
        msgspec.structs.replace(
            variant,
            components={
                name: component.for_transformer() for name, component in variant.components.items()
            },
        )
        for variant in recipe.variants
    ]
    return msgspec.structs.replace(recipe, variants=variants)


def _check_components(recipe: Recipe, where: str) -> None:
    for name in recipe.components:
        if name in ("baseline", "companions"):
            raise RecipeError(
                f"{where}: components: {name!r} is what a conversion calls a folder of its own, "
                "choose another name"
            )


def _check_variants(recipe: Recipe, where: str) -> None:
    names = [variant.name for variant in recipe.variants]
    for name in names:
        if names.count(name) > 1:
            raise RecipeError(f"{where}: variants: {name!r} is there twice, names must differ")
        if name in ("fp32", "bf16", "f16", "pytorch"):
            raise RecipeError(
                f"{where}: variants: {name!r} is the name of a baseline, choose another"
            )
    for variant in recipe.variants:
        if not variant.components:
            raise RecipeError(
                f"{where}: variants[{variant.name}].components: expected at least one component"
            )
