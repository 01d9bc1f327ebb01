// SPDX-License-Identifier: Apache-2.0
// A made-up /sys with one PWM chip, for tests of the pwm driver.
#pragma once

#include <filesystem>
#include <fstream>
#include <string>

namespace pinfer::testing {

class PwmTree final {
 public:
  // <folder>/devices/<device>/pwm/pwmchip<number>, and <folder>/class with the link the kernel
  // makes.
  explicit PwmTree(const std::string& folder, const std::string& device = "1f00098000.pwm",
                   int number = 2)
      : root(folder + "/class"),
        device_path(folder + "/devices/" + device),
        chip(device_path + "/pwm/pwmchip" + std::to_string(number)) {
    namespace fs = std::filesystem;
    fs::create_directories(chip);
    fs::create_directories(root);
    fs::create_directory_symlink(device_path, chip + "/device");
    fs::create_directory_symlink(chip, root + "/pwmchip" + std::to_string(number));
    write(chip + "/npwm", "4\n");
    write(chip + "/export", "");
  }

  [[nodiscard]] std::string channel(int number) const {
    return chip + "/pwm" + std::to_string(number);
  }
  // As the kernel makes it after an export.
  void make_channel(int number) const {
    const std::string folder = channel(number);
    std::filesystem::create_directories(folder);
    write(folder + "/period", "0\n");
    write(folder + "/enable", "0\n");
    write(folder + "/polarity", "normal\n");
    write(folder + "/duty_cycle", "0\n");
  }
  static void write(const std::string& path, const std::string& text) {
    std::ofstream(path, std::ios::trunc) << text;
  }
  // The first line: a plain file keeps the end of a longer text, a file of sysfs does not.
  [[nodiscard]] static std::string read(const std::string& path) {
    std::string line;
    std::getline(std::ifstream(path) >> std::ws, line);
    return line;
  }
  [[nodiscard]] std::string read(int number, const std::string& file) const {
    return read(channel(number) + "/" + file);
  }

  std::string root;
  std::string device_path;
  std::string chip;
};

}  // namespace pinfer::testing
