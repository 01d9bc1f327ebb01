// SPDX-License-Identifier: Apache-2.0
// write_fuzz_seeds FOLDER [FILE...]: the small models of tests/support and copies of FILE, as
// seeds.
#include <filesystem>
#include <fstream>
#include <iostream>

#include "tests/support/operator_models.h"
#include "tests/support/small_models.h"

int main(int argc, char** argv) {
  namespace fs = std::filesystem;
  if (argc < 2) {
    std::cerr << "usage: write_fuzz_seeds FOLDER [FILE...]\n";
    return 2;
  }
  const fs::path folder = argv[1];
  fs::create_directories(folder);
  bool written = true;
  const auto write = [&](const std::string& name, const pinfer::test::ModelBuilder& builder) {
    const std::vector<std::byte> bytes = builder.finish();
    std::ofstream file(folder / ("seed_" + name), std::ios::binary);
    file.write(reinterpret_cast<const char*>(bytes.data()),
               static_cast<std::streamsize>(bytes.size()));
    written = written && file.good();
  };
  for (const auto& [name, builder] : pinfer::test::seed_models()) write(name, builder);
  int index = 0;
  for (const pinfer::test::OperatorModel& model : pinfer::test::operator_models())
    write(model.op + "_" + std::to_string(index++), model.build());
  for (int i = 2; i < argc; ++i)
    if (fs::exists(argv[i]))
      fs::copy_file(argv[i], folder / fs::path(argv[i]).filename(),
                    fs::copy_options::overwrite_existing);
  return written ? 0 : 1;
}
