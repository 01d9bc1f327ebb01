#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Tests of check.py: a clean tree passes, and every kind of planted violation is named."""

import os
import sys
import tempfile
import unittest

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import check  # noqa: E402
import rules  # noqa: E402

SPDX = f"// {rules.SPDX}\n"
HEADER = SPDX + "// A thing.\n#pragma once\n"
CLEAN = {
    "README.md": "# Pinfer\n",
    "CMakeLists.txt": "project(pinfer)\n",
    "runtime/CMakeLists.txt": "add_subdirectory(core)\n",
    "runtime/core/README.md": "# core\n",
    "runtime/core/span.h": HEADER + "#include <sys/mman.h>\n#include <cstdint>\n#include <fmt/format.h>\n",
    "runtime/graph/README.md": "# graph\n",
    "runtime/graph/graph.h": HEADER + '#include "runtime/core/span.h"\n',
    "apps/guard/README.md": "# guard\n",
    "apps/guard/client.h": HEADER,
    "apps/guard/lease.h": HEADER,
    "apps/pipeline/README.md": "# pipeline\n",
    "apps/pipeline/pipeline.cc": SPDX + '#include "apps/guard/client.h"\n',
}


def complaints(changes):
    """check_tree of the clean tree with `changes` (path -> text, None removes the file)."""
    files = {**CLEAN, **changes}
    with tempfile.TemporaryDirectory() as root:
        for path, text in files.items():
            if text is None:
                continue
            os.makedirs(os.path.join(root, os.path.dirname(path)), exist_ok=True)
            with open(os.path.join(root, path), "w", encoding="utf-8") as file:
                file.write(text)
        return list(check.check_tree(root))


class CheckTest(unittest.TestCase):
    def assert_only(self, changes, place, *words):
        found = complaints(changes)
        self.assertEqual(len(found), 1, found)
        self.assertTrue(found[0].startswith(place + ": "), found[0])
        for word in words:
            self.assertIn(word, found[0])

    def test_a_clean_tree_passes(self):
        self.assertEqual(complaints({}), [])

    def test_the_wall_clock_is_for_the_journal_alone(self):
        source = SPDX + "// system_clock is fine here\nauto now = std::chrono::system_clock::now();\n"
        self.assert_only({"runtime/core/now.cc": source}, "runtime/core/now.cc:3", "wall clock")
        self.assertEqual(complaints({"apps/journal/README.md": "# journal\n",
                                     "apps/journal/journal.cc": source}), [])

    def test_a_room_that_looks_up_is_named_with_its_allowed_list(self):
        self.assert_only({"runtime/core/span.h": HEADER + '\n#include "runtime/graph/graph.h"\n'},
                         "runtime/core/span.h:5", "runtime/core may not include", "allowed: runtime/core")

    def test_the_guard_sees_no_engine(self):
        self.assert_only({"apps/guard/lease.h": HEADER + '#include "runtime/graph/graph.h"\n'},
                         "apps/guard/lease.h:4", "allowed: apps/guard, drivers/output, runtime/core")

    def test_the_pipeline_sees_the_client_header_of_the_guard_and_no_other(self):
        self.assert_only(
            {"apps/pipeline/pipeline.cc": SPDX + '#include "apps/guard/lease.h"\n'},
            "apps/pipeline/pipeline.cc:2", "apps/guard/client.h")

    def test_nothing_below_includes_tests(self):
        self.assert_only({"tests/support/README.md": "# support\n", "tests/support/zoo.h": HEADER,
                          "apps/guard/lease.h": HEADER + '#include "tests/support/zoo.h"\n'},
                         "apps/guard/lease.h:4", "may not include")

    def test_includes_start_at_the_root_and_exist(self):
        self.assert_only({"runtime/graph/graph.h": HEADER + '#include "span.h"\n'},
                         "runtime/graph/graph.h:4", "repository root")
        self.assert_only({"runtime/graph/graph.h": HEADER + '#include "runtime/core/gone.h"\n'},
                         "runtime/graph/graph.h:4", "does not exist")

    def test_a_third_party_header_stays_in_its_room(self):
        for header in ("gpiod.h", "opencv2/core.hpp", "flatbuffers/flatbuffers.h", "yaml-cpp/yaml.h",
                       "arm_neon.h", "immintrin.h", "nlohmann/json.hpp", "systemd/sd-daemon.h"):
            with self.subTest(header):
                self.assert_only({"runtime/core/span.h": HEADER + f"#include <{header}>\n"},
                                 "runtime/core/span.h:4", f"<{header}> may not be included here")

    def test_intrinsics_are_for_isa_files_only(self):
        kernels = {"runtime/kernels/igemm/README.md": "# igemm\n"}
        neon = SPDX + "#include <arm_neon.h>\n"
        self.assertEqual(complaints({**kernels, "runtime/kernels/igemm/neondot.cc": neon}), [])
        self.assert_only({**kernels, "runtime/kernels/igemm/table.cc": neon},
                         "runtime/kernels/igemm/table.cc:2", "<family>/<isa>.cc")

    def test_a_library_without_a_room_is_refused(self):
        self.assert_only({"runtime/core/span.h": HEADER + "#include <boost/any.hpp>\n"},
                         "runtime/core/span.h:4", "in no room")

    def test_a_generated_header_belongs_to_its_room(self):
        include = '#include "runtime/model/tflite_generated.h"\n'
        model = {"runtime/model/README.md": "# model\n"}
        self.assertEqual(complaints({**model, "runtime/model/reader.cc": SPDX + include}), [])
        self.assert_only({**model, "runtime/graph/graph.h": HEADER + include},
                         "runtime/graph/graph.h:4", "runtime/model")

    def test_size_licence_name_and_guard_of_a_file(self):
        self.assert_only({"apps/guard/long.cc": SPDX + "int x;\n" * 400}, "apps/guard/long.cc:1", "401 lines")
        self.assert_only({"apps/guard/free.cc": "int x;\n"}, "apps/guard/free.cc:1", rules.SPDX)
        self.assert_only({"apps/guard/lease_utils.cc": SPDX}, "apps/guard/lease_utils.cc:1", "'utils'")
        self.assert_only({"apps/guard/lease.h": SPDX}, "apps/guard/lease.h:1", "#pragma once")
        self.assert_only({"apps/guard/a.cc": SPDX + "// \u00b5s\n"}, "apps/guard/a.cc:2", "not ASCII")

    def test_a_function_over_the_limit_is_found_and_a_table_is_not(self):
        body = "  f();\n" * (rules.MAX_FUNCTION_LINES - 2)
        for signature in ("void g() {\n", "TEST(A, B) {\n", "Result<T> f(int a,\n            int b) {\n"):
            with self.subTest(signature):
                self.assertEqual(complaints({"apps/guard/a.cc": SPDX + signature + body + "}\n"}), [])
                place = f"apps/guard/a.cc:{1 + signature.count(chr(10))}"
                self.assert_only({"apps/guard/a.cc": SPDX + signature + body + "  f();\n}\n"},
                                 place, "function of 61 lines")
        table = "constexpr Row kRows[] = {\n" + "    {1},\n" * 90 + "};\n"
        self.assertEqual(complaints({"apps/guard/a.cc": SPDX + table}), [])

    def test_a_folder_without_readme_and_a_long_readme_are_found(self):
        self.assert_only({"runtime/graph/README.md": None}, "runtime/graph/README.md:1", "missing")
        self.assert_only({"apps/guard/README.md": "x\n" * 81}, "apps/guard/README.md:1", "81 lines")

    def test_build_outputs_are_not_looked_at(self):
        self.assertEqual(complaints({"build/x/bad.cc": "#include <boost/any.hpp>\n"}), [])


if __name__ == "__main__":
    unittest.main()
