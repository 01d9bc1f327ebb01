// SPDX-License-Identifier: Apache-2.0
#include "tests/runtime/session/golden.h"

#include <zlib.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <nlohmann/json.hpp>
#include <set>
#include <sstream>
#include <stdexcept>

#include "tests/support/zoo.h"

namespace pinfer::test {
namespace {

std::vector<NpyArray> read_arrays(const std::filesystem::path& folder, const char* prefix) {
  std::vector<NpyArray> arrays;
  for (int i = 0;; ++i) {
    const auto path = folder / (prefix + std::to_string(i) + ".npy");
    if (!std::filesystem::exists(path)) return arrays;
    auto array = read_npy(path.string());
    if (!array) throw std::runtime_error(array.error().message);
    arrays.push_back(*std::move(array));
  }
}

// The zoo path of a golden folder: the csv says it, so that "__" in names does no harm.
std::filesystem::path model_of(const std::string& name) {
  const std::filesystem::path zoo = zoo_folder();
  std::ifstream csv(zoo / "models.csv");
  for (std::string line; std::getline(csv, line);) {
    const std::string end = fmt::format("golden/{}", name);
    while (!line.empty() && (line.back() == '\r' || line.back() == '\n')) line.pop_back();
    if (line.size() > end.size() && line.ends_with(end))
      return zoo / "zoo" / line.substr(0, line.find(','));
  }
  // Not in the table: the folder's name says where the net is.
  std::filesystem::path path = zoo / "zoo";
  std::size_t begin = 0;
  for (std::size_t end = 0; (end = name.find("__", begin)) != std::string::npos; begin = end + 2)
    path /= name.substr(begin, end - begin);
  return path / name.substr(begin);
}

// Random inputs are as large as the model's: bytes are what counts.
bool feed(Session& session, const Golden& golden, std::string& why) {
  if (session.input_count() != golden.inputs.size()) {
    why = fmt::format("{} inputs, the golden has {}", session.input_count(), golden.inputs.size());
    return false;
  }
  for (std::size_t i = 0; i < golden.inputs.size(); ++i) {
    const Tensor input = session.input(i);
    if (input.bytes() != golden.inputs[i].data.size()) {
      why = fmt::format("input {} has {} bytes, the golden {}", i, input.bytes(),
                        golden.inputs[i].data.size());
      return false;
    }
    std::memcpy(input.data, golden.inputs[i].data.data(), input.bytes());
  }
  return true;
}

template <class Float>
double largest_error(const Tensor& got, const NpyArray& want, double& largest) {
  double error = 0.0;
  const auto* expected = reinterpret_cast<const Float*>(want.data.data());
  for (std::size_t i = 0; i < want.data.size() / sizeof(Float); ++i) {
    const double a = static_cast<double>(got.as<Float>()[i]), b = static_cast<double>(expected[i]);
    if (std::isnan(a) && std::isnan(b)) continue;
    if (std::isinf(b) || std::isnan(a) || std::isnan(b)) {
      if (a != b) return INFINITY;
      continue;
    }
    error = std::max(error, std::fabs(a - b));
    largest = std::max(largest, std::fabs(b));
  }
  return error;
}

Outcome compare(const Tensor& got, const NpyArray& want, std::size_t index) {
  if (got.info->dtype != want.dtype || got.bytes() != want.data.size())
    return {Outcome::Kind::wrong,
            fmt::format("output {} is {}{}, the golden {} with {} bytes", index,
                        to_string(got.info->dtype), to_string(got.info->shape),
                        to_string(want.dtype), want.data.size())};
  if (got.bytes() == 0 || std::memcmp(got.data, want.data.data(), got.bytes()) == 0)
    return {Outcome::Kind::exact, ""};
  if (want.dtype == DType::f32 || want.dtype == DType::f64) {
    double largest = 0.0;
    const double error = want.dtype == DType::f32 ? largest_error<float>(got, want, largest)
                                                  : largest_error<double>(got, want, largest);
    if (error <= 1e-4 * largest || error == 0.0) return {Outcome::Kind::close, ""};
    return {Outcome::Kind::wrong,
            fmt::format("output {} is off by {:.3g}, the largest value is {:.3g}", index, error,
                        largest)};
  }
  std::size_t different = 0;
  for (std::size_t i = 0; i < got.bytes(); ++i)
    if (got.data[i] != want.data[i]) ++different;
  return {Outcome::Kind::wrong,
          fmt::format("output {}: {} of {} bytes differ", index, different, got.bytes())};
}

Result<Session> open(const Golden& golden, const RunOptions& options) {
  PINFER_TRY(auto model, load_model(golden.model.string(), {.passes = options.passes}));
  return Session::create(std::move(model),
                         {.threads = options.threads, .backend = options.backend});
}

// Whether a name holds one of the parts that commas separate.
bool holds_one_of(const std::string& name, const std::string& parts) {
  std::istringstream words(parts);
  for (std::string part; std::getline(words, part, ',');)
    if (name.find(part) != std::string::npos) return true;
  return false;
}

}  // namespace

std::vector<std::filesystem::path> golden_folders() {
  const char* wanted = std::getenv("PINFER_GOLDEN");
  std::set<std::filesystem::path> folders;
  std::error_code none;
  for (const auto& entry :
       std::filesystem::directory_iterator(std::filesystem::path(zoo_folder()) / "golden", none))
    if (entry.is_directory() &&
        (wanted == nullptr || holds_one_of(entry.path().filename().string(), wanted)))
      folders.insert(entry.path());
  return {folders.begin(), folders.end()};
}

Golden read_golden(const std::filesystem::path& folder) {
  Golden golden;
  golden.name = folder.filename().string();
  golden.model = model_of(golden.name);
  golden.inputs = read_arrays(folder, "in");
  golden.outputs = read_arrays(folder, "out");
  std::ifstream file(folder / "golden.json");
  const auto json = nlohmann::json::parse(file);
  for (const auto& entry : json.at("tensors"))
    golden.tensors.push_back({entry.at("node"), entry.at("tensor"),
                              static_cast<std::uint32_t>(
                                  std::stoul(entry.at("crc32").get<std::string>(), nullptr, 16))});
  return golden;
}

bool same_bytes_without_passes(const Golden& golden, std::string& why) {
  auto optimised = open(golden, {}), plain = open(golden, {.passes = false});
  if (!optimised || !plain) {
    // Both must refuse, or neither.
    why = optimised ? plain.error().message : optimised.error().message;
    return !optimised && !plain;
  }
  if (!feed(*optimised, golden, why) || !feed(*plain, golden, why)) return false;
  if (optimised->run() != Status::ok || plain->run() != Status::ok) {
    why = "run failed";
    return false;
  }
  for (std::size_t i = 0; i < plain->output_count(); ++i) {
    const Tensor a = optimised->output(i), b = plain->output(i);
    if (a.bytes() != b.bytes() || std::memcmp(a.data, b.data, a.bytes()) != 0) {
      why = fmt::format("output {} differs", i);
      return false;
    }
  }
  return true;
}

Outcome run_golden(const Golden& golden, const RunOptions& options) {
  auto session = open(golden, options);
  if (!session) return {Outcome::Kind::refused, session.error().message};
  std::string why;
  if (!feed(*session, golden, why)) return {Outcome::Kind::wrong, why};
  if (const Status status = session->run(); status != Status::ok)
    return {Outcome::Kind::wrong, fmt::format("run: {}", to_string(status))};
  if (session->output_count() != golden.outputs.size())
    return {Outcome::Kind::wrong, fmt::format("{} outputs, the golden has {}",
                                              session->output_count(), golden.outputs.size())};
  Outcome worst{Outcome::Kind::exact, ""};
  for (std::size_t i = 0; i < golden.outputs.size(); ++i) {
    const Outcome outcome = compare(session->output(i), golden.outputs[i], i);
    if (outcome.kind > worst.kind) worst = outcome;
  }
  return worst;
}

std::string first_difference(const Golden& golden, const std::string& backend) {
  auto session = open(golden, {.passes = false, .backend = backend});
  std::string text;
  if (!session) return session.error().message;
  if (!feed(*session, golden, text)) return text;
  const Status status =
      session->run_observed([&](std::size_t step, std::span<const Tensor> outputs) {
        if (!text.empty()) return;
        const StepReport& report = session->steps()[step];
        std::size_t k = 0;
        for (const GoldenTensor& want : golden.tensors) {
          if (want.node != report.source_index || k >= outputs.size()) continue;
          const Tensor& got = outputs[k++];
          const auto crc =
              crc32(0, reinterpret_cast<const Bytef*>(got.data), static_cast<uInt>(got.bytes()));
          if (crc != want.crc32 && got.info->dtype != DType::f32 && text.empty())
            text = fmt::format("first integer difference: operator {} {} ({}), output {} {}{}",
                               report.source_index, report.op, report.kernel, k - 1,
                               to_string(got.info->dtype), to_string(got.info->shape));
        }
      });
  if (status != Status::ok) text += fmt::format(" (run: {})", to_string(status));
  return text;
}

}  // namespace pinfer::test
