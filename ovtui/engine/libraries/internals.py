"""All that the engine uses of libraries without their promise, or changes in them, but for NNCF.

What is changed in NNCF while it compresses is in `compression/nncf_patches`. A use that is on
neither list fails `tests/engine/test_library_internals.py`, which looks at every target here too.
"""

from __future__ import annotations

from ovtui.engine.libraries.library_use import LibraryUse, Target

RICH_BARS = LibraryUse(
    name="bars of rich as events",
    targets=(
        Target("rich.progress.Progress.start", "self"),
        Target("rich.progress.Progress.stop", "self"),
        Target(
            "rich.progress.Progress.add_task",
            "self, description, start, total, completed, visible, fields",
        ),
        Target(
            "rich.progress.Progress.update",
            "self, task_id, total, completed, advance, description, visible, refresh, fields",
        ),
        Target("rich.progress.Progress.advance", "self, task_id, advance"),
        Target(
            "rich.progress.Progress.track",
            "self, sequence, total, completed, task_id, description, update_period",
        ),
        Target("rich.progress.Progress.remove_task", "self, task_id"),
    ),
    why="NNCF shows its steps by bars of rich alone, and takes no function to tell them to",
    how="while it compresses, methods that write events take the place of those that draw",
    needed=False,
    checked_with="rich 15.0.0",
    files=("libraries/rich_progress.py",),
)

PUBLIC_HOSTS = LibraryUse(
    name="connections to public hosts alone",
    targets=(
        Target("http.client.HTTPConnection._create_connection"),
        Target("urllib.request.Request._tunnel_host"),
    ),
    why="a name must be resolved once, looked at, and connected to as that address",
    how="a connection opens its socket by a function of ours",
    needed=True,
    checked_with="Python 3.11",
    files=("data/connections.py",),
)

INTERNALS: tuple[LibraryUse, ...] = (
    RICH_BARS,
    LibraryUse(
        name="no report of use to OpenVINO's makers",
        targets=(Target("sys.modules"),),
        why="importing openvino or nncf forks a process that reports over the network",
        how="the package openvino_telemetry is marked as missing; both then use their stubs",
        needed=True,
        checked_with="openvino 2026.4.1, nncf 3.4.0",
        files=("__init__.py",),
    ),
    LibraryUse(
        name="libraries hidden from others",
        targets=(Target("sys.meta_path"),),
        why="evaluate imports transformers and torch where it can: 7 s, 2 s so; and NNCF imports "
        "torch to ask whether an OpenVINO model is its",
        how="an importer that has nothing to load is asked first",
        needed=False,
        checked_with="evaluate 0.4.6, nncf 3.4.0",
        files=("libraries/hidden.py",),
    ),
    LibraryUse(
        name="the hub's libraries offline from now on",
        targets=(Target("sys.modules"), Target("huggingface_hub.constants.HF_HUB_OFFLINE")),
        why="the switch is read from the environment once, when the library is imported",
        how="the constant is set, where the library is loaded already",
        needed=True,
        checked_with="huggingface_hub 2.4.0",
        files=("hub/offline.py",),
    ),
    LibraryUse(
        name="small pieces of a download",
        targets=(Target("huggingface_hub.constants.DOWNLOAD_CHUNK_SIZE"),),
        why="of a slow line 10 MB are minutes, and lost when the connection breaks off",
        how="the constant is set to 1 MiB",
        needed=False,
        checked_with="huggingface_hub 2.4.0",
        files=("hub/repository.py",),
    ),
    PUBLIC_HOSTS,
    LibraryUse(
        name="a process that ends at once",
        targets=(Target("atexit._run_exitfuncs"),),
        why="taking torch and OpenVINO down piece by piece takes 0.3 to 0.6 s of every stage",
        how="what was registered for the end is called, then os._exit",
        needed=False,
        checked_with="Python 3.11",
        files=("processes/lifeline.py",),
    ),
    LibraryUse(
        name="what torch.compile was given",
        targets=(Target("torch._dynamo.eval_frame.OptimizedModule._orig_mod"),),
        why="a function may return a compiled module, which cannot be traced",
        how="the module inside it is taken",
        needed=True,
        checked_with="torch 2.13.0",
        files=("models/sources.py",),
    ),
    LibraryUse(
        name="a trace that is not checked",
        targets=(
            Target(
                "openvino.frontend.pytorch.ts_decoder.TorchScriptPythonDecoder",
                "pt_module, graph_element, example_input, alias_db, shared_memory, skip_freeze, "
                "constant_cache, module_extensions, trace_kwargs",
            ),
        ),
        why="torch runs the model twice more to check its trace, most of a small one's conversion; "
        "ovtui compares the converted model itself",
        how="what ov.convert_model makes of a module is made and given to it",
        needed=True,
        checked_with="openvino 2026.4.1",
        files=("components/trace.py",),
    ),
    LibraryUse(
        name="queries that are not packed by heads",
        targets=(
            Target("sys.modules"),
            Target("transformers.integrations.sdpa_attention.is_torchdynamo_compiling", ""),
        ),
        why="where heads share keys and values, queries of one token are reshaped to what fits no "
        "other number of tokens, and a decoder is traced with one",
        how="while a module is traced, attention is told that torch.compile asks",
        needed=True,
        checked_with="transformers 5.24.0",
        files=("components/trace.py",),
    ),
    LibraryUse(
        name="operations between two others",
        targets=(Target("nncf.scopes.get_ignored_node_names_from_subgraph", "graph, subgraph"),),
        why="a preview says which operations a rule of an ignored scope finds, as NNCF will",
        how="called with NNCF's own graph",
        needed=True,
        checked_with="nncf 3.4.0",
        files=("compression/ignored.py",),
    ),
    LibraryUse(
        name="types of NNCF's parameters",
        targets=(
            Target(
                "nncf.quantization.advanced_parameters.QuantizationParameters",
                "num_bits, mode, signedness_to_force, per_channel, narrow_range",
            ),
            Target(
                "nncf.quantization.advanced_parameters.FP8QuantizationParameters",
                "destination_type",
            ),
            Target("nncf.quantization.range_estimator"),
        ),
        why="the package itself exports the classes around them, and not these",
        how="parameters of a recipe become them, by the annotations of their fields",
        needed=True,
        checked_with="nncf 3.4.0",
        files=("compression/nncf_parameters.py",),
    ),
    LibraryUse(
        name="names of Whisper's languages",
        targets=(Target("transformers.models.whisper.tokenization_whisper.TO_LANGUAGE_CODE"),),
        why="a person may name a language, and a model has a token for its code",
        how="read",
        needed=True,
        checked_with="transformers 5.24.0",
        files=("tasks/whisper.py",),
    ),
    LibraryUse(
        name="texts normalised as Whisper's authors did",
        targets=(
            Target(
                "transformers.models.whisper.english_normalizer.BasicTextNormalizer",
                "remove_diacritics, split_letters",
            ),
            Target(
                "transformers.models.whisper.english_normalizer.EnglishTextNormalizer",
                "english_spelling_mapping",
            ),
        ),
        why="word error rates are compared with published ones, which are of such texts",
        how="called",
        needed=True,
        checked_with="transformers 5.24.0",
        files=("comparison/normalisation.py",),
    ),
    LibraryUse(
        name="kinds of speech models",
        targets=(
            Target("transformers.models.auto.modeling_auto.MODEL_FOR_CTC_MAPPING_NAMES"),
            Target(
                "transformers.models.auto.modeling_auto.MODEL_FOR_SPEECH_SEQ_2_SEQ_MAPPING_NAMES"
            ),
        ),
        why="a configuration without architectures says its kind of model alone",
        how="read by the kind; the mappings that the package exports have classes in place of it",
        needed=True,
        checked_with="transformers 5.24.0",
        files=("hub/model_config.py",),
    ),
    LibraryUse(
        name="the rest of transformers' loop of generation",
        targets=(
            Target("transformers.generation.utils.GENERATION_MODES_MAPPING"),
            Target(
                "transformers.generation.utils.GenerationMixin._sample",
                "self, input_ids, logits_processor, stopping_criteria, generation_config, "
                "synced_gpus, streamer, model_kwargs",
            ),
        ),
        why="`custom_generate` takes the place of every loop, beams and sampling too, which are "
        "to go on as they are; the first tokens come from it as well",
        how="the loop that the mapping names is called as `generate` calls it",
        needed=True,
        checked_with="transformers 5.24.0",
        files=("pipelines/modes.py",),
    ),
)
