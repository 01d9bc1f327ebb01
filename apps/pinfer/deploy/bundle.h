// SPDX-License-Identifier: Apache-2.0
// Bundle: a pinfer-<version>-<arch>-<os>.tar.zst, ready to be sent; and what else is sent with it.
#pragma once

#include <string>
#include <string_view>

#include "runtime/core/result.h"

namespace pinfer {

struct Bundle {
  std::string path;
  std::string manifest;  // lines "word value"; board_facts.sh reads them too
  std::string archive;   // unpacked from zstd, which a board may not have
  std::string hash;      // SHA-256 of `archive`

  // A value of the manifest; empty when it is not there.
  [[nodiscard]] std::string get(std::string_view word) const;
};

// The newest bundle for a board: `where` is a bundle, a folder with some, or empty for the usual
// folders (build/packages, then this one).
Result<std::string> find_bundle(const std::string& where, std::string_view arch,
                                std::string_view os);

// Unpacks into the folder `scratch`.
Result<Bundle> open_bundle(const std::string& path, const std::string& scratch);

// A folder with a model, packed: the name is the folder's, the version names its content.
struct ModelPack {
  std::string name;
  std::string version;
  std::string archive;
  std::string hash;
};
Result<ModelPack> pack_model(const std::string& folder, const std::string& scratch);

// A configuration to send.
struct ConfigFile {
  std::string path;
  std::string text;
  std::string hash;
};
Result<ConfigFile> read_config_file(const std::string& path);

}  // namespace pinfer
