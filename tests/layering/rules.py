# SPDX-License-Identifier: Apache-2.0
# The house rules as data: who may include whom, which room owns a third-party header, what a
# folder and a file must have. Only this table changes when the design does.

import re

# A room is the longest of these prefixes that holds the file. Its value is what it may include
# besides itself; an entry that ends in .h allows that one header.
_ENGINE = ["runtime/session", "runtime/model", "runtime/graph", "runtime/core"]

ROOMS = {
    "runtime/core": [],
    "runtime/cpu": ["runtime/core"],
    "runtime/graph": ["runtime/core"],
    "runtime/model": ["runtime/graph", "runtime/core"],
    # The words of the operators (Padding, Activation, DType) are plain enums that kernels switch on.
    "runtime/kernels": ["runtime/graph/op_params.h", "runtime/graph/dtype.h", "runtime/cpu",
                        "runtime/core"],
    "runtime/ops": ["runtime/kernels", "runtime/cpu", "runtime/graph", "runtime/core"],
    # A backend is given the model, the ISA bits and the threads; only those that run
    # nodes themselves see operators.
    "runtime/backends": ["runtime/model", "runtime/graph", "runtime/cpu", "runtime/core"],
    "runtime/backends/cpu": ["runtime/backends", "runtime/ops", "runtime/kernels", "runtime/model",
                             "runtime/graph", "runtime/cpu", "runtime/core"],
    # A node's own step has worked out what its shader needs.
    "runtime/backends/gles": ["runtime/backends", "runtime/ops", "runtime/kernels", "runtime/model",
                              "runtime/graph", "runtime/cpu", "runtime/core"],
    "runtime/backends/armnn": ["runtime/backends", "runtime/ops", "runtime/kernels", "runtime/model",
                               "runtime/graph", "runtime/cpu", "runtime/core"],
    # Linked apart from Pinfer: plain structs are all that it knows of it.
    "runtime/backends/armnn/plugin": ["runtime/backends/armnn/abi.h"],
    # Shapes are resolved by asking the operators, without running them.
    "runtime/session": ["runtime/ops/operator.h", "runtime/ops/step.h", "runtime/backends",
                        "runtime/model", "runtime/graph", "runtime/cpu", "runtime/core"],
    "drivers/camera": ["drivers/camera/opencv/abi.h", "runtime/core"],
    # Linked apart from Pinfer, as the plug-in of Arm NN is.
    "drivers/camera/opencv": [],
    "drivers/output": ["runtime/core"],
    # The guard links no engine, no camera, no HTTP: it must be small enough to audit.
    "apps/guard": ["drivers/output", "runtime/core"],
    # Of the lines the pipeline knows the description (plain values) and the guard's client, no driver.
    # The configuration checks the word of `isa:`. Preparing a picture for a model is arithmetic as
    # heavy as a layer, but no operator of a graph: its kernels are called from here.
    "apps/pipeline": ["apps/guard/client.h", "drivers/output/output_spec.h", "drivers/camera",
                      "runtime/cpu/isa.h", "runtime/kernels/picture/picture_columns.h", *_ENGINE],
    "apps/serving": ["apps/pipeline", *_ENGINE],
    "apps/convert": _ENGINE,
    "apps/journal": ["apps/pipeline", "drivers/camera", "runtime/core"],
    "apps/pinferd": ["apps/guard/client.h", "apps/journal", "drivers/output/output_spec.h", "apps/serving",
                     "apps/pipeline", "drivers/camera", *_ENGINE],
    "apps/pinfer": ["apps/guard/client.h", "apps/journal", "apps/pinferd", "apps/serving", "apps/pipeline",
                    "apps/convert", "drivers/camera", "drivers/output", "runtime/cpu",
                    "runtime/kernels/all_kernels.h",  # `pinfer info` names them
                    *_ENGINE],
    "apps/demo": ["apps/guard/client.h", "apps/pinferd", "apps/pipeline", "drivers/camera",
                  "drivers/output", "runtime/core"],
    "bench": ["runtime", "drivers", "apps"],
    "tests": ["runtime", "drivers", "apps"],
}

# Third-party headers live in one room each: (include, files that may hold it, in words).
# An include that matches no line here, is no C or C++ header and no system header is refused.
_KERNEL = r"runtime/kernels/[a-z0-9_]+/(neon\w*|i8mm|sve\w*|avx\w*|sse\w*)\.cc"
THIRD_PARTY = [
    (r"fmt/|tl/expected\.hpp", r".*", "any room"),
    (r"flatbuffers/|.*tflite\w*_generated\.h", r"(tests/)?runtime/model/|tests/fuzz/|tests/support/model_builder|apps/convert/",
     "runtime/model"),
    (r"zlib\.h", r"runtime/model/|tests/|apps/pinfer/idx\.cc",
     "runtime/model, apps/pinfer/idx.cc"),
    (r"arm_(neon|sve|acle)\.h|\w*mmintrin\.h|x86intrin\.h", _KERNEL,
     "runtime/kernels/<family>/<isa>.cc"),
    (r"cpuid\.h|sys/auxv\.h|asm/hwcap\.h", r"runtime/cpu/", "runtime/cpu"),
    (r"EGL/|GLES\d/|gbm\.h", r"(tests/)?runtime/backends/gles/", "runtime/backends/gles"),
    (r"armnn\w*/", r"runtime/backends/armnn/plugin/", "runtime/backends/armnn/plugin"),
    (r"opencv2/", r"drivers/camera/opencv/|bench/preprocess/|tests/(drivers/camera|apps)/",
     "drivers/camera/opencv"),
    (r"gpiod\.h", r"(tests/)?drivers/output/", "drivers/output"),
    (r"sqlite3\.h", r"apps/journal/", "apps/journal"),
    (r"yaml-cpp/", r"(tests/)?apps/pipeline/", "apps/pipeline"),
    (r"microhttpd\.h|prometheus/|simdjson\.h", r"(tests/)?apps/serving/", "apps/serving"),
    # Seconds in each file that includes them: Json and OptionList stand before them.
    (r"nlohmann/", r"apps/serving/|apps/pinfer/(json|coco)\.cc|tests/",
     "apps/serving, apps/pinfer/json.cc and coco.cc"),
    (r"onnx/|google/protobuf/", r"apps/convert/", "apps/convert"),
    (r"systemd/", r"apps/(pinferd|guard)/", "apps/pinferd, apps/guard"),
    (r"CLI/", r"apps/(pinferd|guard|demo)/|apps/pinfer/(option_list|cli|completion)\.cc",
     "the programs in apps/, in apps/pinfer option_list.cc, cli.cc and completion.cc"),
    (r"gtest/|gmock/|rapidcheck(/|\.h)", r"tests/", "tests"),
    (r"benchmark/", r"bench/", "bench"),
]

# C and POSIX headers without a folder that the system provides; C++ ones have no dot.
SYSTEM_HEADERS = re.compile(
    r"(assert|ctype|dirent|dlfcn|errno|fcntl|fenv|float|fnmatch|getopt|glob|grp|inttypes|limits|link|"
    r"locale|malloc|math|mqueue|netdb|poll|pthread|pwd|sched|semaphore|signal|spawn|stdalign|"
    r"stdarg|stdbool|stddef|stdint|stdio|stdlib|string|syslog|termios|time|ucontext|unistd|utime|"
    r"wordexp)\.h$|(sys|linux|net|netinet|arpa|bits|asm)/[\w/-]+\.h$")

# The wall clock jumps by years on a board without a battery: leases, rules and health never read it.
WALL_CLOCK = re.compile(r"system_clock|\bCLOCK_(REALTIME|TAI|BOOTTIME)|\bgettimeofday\b|\b(std::)?time\((nullptr|NULL|0|&)|utc_clock")
MAY_READ_WALL_CLOCK = (r"apps/journal/journal(_read)?\.cc|apps/pinfer/doctor/system_view\.cc|apps/serving/.*|"
                       r"tests/.*|bench/.*")

MAX_FILE_LINES = 400
MAX_FUNCTION_LINES = 60
MAX_README_LINES = 80

SOURCE_SUFFIXES = (".cc", ".h", ".c", ".inc", ".py", ".sh", ".cmake", ".fbs")
SOURCE_NAMES = ("CMakeLists.txt", "dev", "run", "sysroot")
SPDX = "SPDX-License-Identifier: Apache-2.0"
# Plain lists of targets: the licence of the repository covers them without a line of their own.
NO_SPDX_NAMES = ("CMakeLists.txt",)

# Words that say nothing about what a thing is.
REFUSED_NAMES = re.compile(r"utils?|managers?|handlers?|helpers?|engines?|processors?")

# Folders that hold files but need no README.md of their own: mirrors of a room are explained by the
# room, data and tools by the folder above.
NO_README = [
    r"\.ci",
    r"tests/(runtime|drivers|apps)(/.*)?",
    r"tests/[a-z_]+/.+",
    r"toolchains/(cmake|package/(debian|man))",
    r"runtime/backends/gles/shaders", r"runtime/backends/armnn/plugin",
    r"apps/demo/.+",
    # Rooms under construction: their README comes with their first source file.
    r"apps/guard", r"apps/pinfer", r"apps/pipeline(/decoders)?", r"drivers/(camera|output)",
    r"runtime/session", r"runtime/backends/cpu",
]
