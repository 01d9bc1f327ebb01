// SPDX-License-Identifier: Apache-2.0
#include "runtime/ops/conv_chain.h"

#include <algorithm>
#include <array>
#include <cstring>

#include "runtime/ops/conv_setup.h"
#include "runtime/ops/elementwise.h"

namespace pinfer {
namespace {

using Conv = ConvStep<ConvArgs, ConvKernel>;
using Depthwise = ConvStep<DepthwiseArgs, DepthwiseKernel>;

constexpr std::int64_t kMostRingBytes = 40 << 10;  // on the stack
constexpr std::int64_t kMostRowBytes = 14 << 10;   // a third of it: windows read three rows
constexpr std::int32_t kUnit = 16;                 // channels of the widest depthwise groups
constexpr std::int32_t kFewest = 32;               // channels that are worth a block
constexpr std::int64_t kSlack = 64;                // vector loads go beyond the last pixel

// How the rings of a chain are cut.
struct Cut {
  std::int32_t channels = 0;  // of a block
  std::int32_t rows = 0;      // of depthwise output at a time
  std::int32_t ring_rows = 0;
};

// Rows of input that `rows` of output read.
std::int64_t rows_read(const ConvShape& s, std::int64_t rows) noexcept {
  return (rows - 1) * s.stride_h + std::int64_t{s.filter_height - 1} * s.dilation_h + 1;
}

// The first one of them that there is, for output row `row`.
std::int32_t first_row_read(const ConvShape& s, std::int64_t row) noexcept {
  return static_cast<std::int32_t>(std::max<std::int64_t>(row * s.stride_h - s.pad_top, 0));
}

// Blocks of work that are worth a thread.
template <class Step>
double blocks_of(const Step& step) noexcept {
  return static_cast<double>(step.macs) / static_cast<double>(step.kernel->packing.grain.macs);
}

std::int32_t round_to(std::int32_t channels, std::int32_t unit) noexcept {
  return (channels + unit - 1) / unit * unit;
}

// Even blocks of about a cache line of channels; fewer where `rows` rows of output do not fit a
// ring else. Then as many rows as fit. No channels where the smallest ring is too large.
Cut cut_rings(const ConvShape& s, const MacPacking<ConvArgs>& packing) noexcept {
  const std::int32_t unit = std::max(packing.grain.channels, kUnit);
  const std::int64_t ring_bytes = std::min<std::int64_t>(packing.ring_bytes, kMostRingBytes);
  const auto bytes = [&](std::int64_t rows, std::int64_t channels) {
    return rows_read(s, rows) * s.in_width * channels;
  };
  // Rows that share input are cheaper in twos, but those with a stride share little.
  const bool wide = s.stride_h > 1 && bytes(2, std::max(unit, kFewest)) > ring_bytes;
  const std::int32_t rows = wide ? 1 : 2;
  if (bytes(rows, unit) > kMostRingBytes) return {};
  std::int32_t most = std::max(kCacheLine / unit, 1) * unit;
  while (most > unit && bytes(rows, most) > ring_bytes) most -= unit;
  const std::int32_t blocks = (s.out_channels + most - 1) / most;
  Cut cut{.channels = round_to((s.out_channels + blocks - 1) / blocks, unit), .rows = rows};
  if (std::int64_t{s.in_width} * cut.channels > kMostRowBytes) return {};
  while (cut.rows < s.out_height && bytes(cut.rows + rows, cut.channels) <= ring_bytes / 2)
    cut.rows += rows;
  cut.ring_rows = static_cast<std::int32_t>(rows_read(s, cut.rows));
  return cut;
}

class ConvChain final : public Step {
 public:
  struct Parts {
    const Conv* conv = nullptr;
    const Depthwise* depthwise = nullptr;
    const Step* project_step = nullptr;
    const Conv* project = nullptr;    // or null
    const BinaryStep* add = nullptr;  // or null
  };

  ConvChain(const StepInfo& step_info, const Parts& parts, const Cut& cut)
      : Step(step_info),
        parts_(parts),
        cut_(cut),
        blocks_(static_cast<std::int64_t>(blocks_of(*parts.conv) + blocks_of(*parts.depthwise))) {}

  Status run(const RunContext& context) const noexcept override {
    arrange_input(*context.pool, *parts_.conv->kernel, parts_.conv->bind(context));
    if (shares_rows(context.pool->threads())) {
      run_rows(context);
      return Status::ok;
    }
    const ConvShape& s = parts_.depthwise->args.shape;
    for_blocks(
        *context.pool, s.out_height, s.out_channels, blocks_,
        [&](const MacBlock& block) { run_rings(context, block); },
        MacGrain{s.out_height, cut_.channels, 1}, true);
    if (parts_.project == nullptr) return Status::ok;
    const Status status = parts_.project_step->run(context);
    return parts_.add == nullptr || status != Status::ok ? status : parts_.add->run(context);
  }

 private:
  // With fewer rows the ones around each part that the convolution computes again (two of three
  // to five, in the last layers of MobileNets) cost more than handing over between two loops.
  [[nodiscard]] bool shares_rows(std::int32_t threads) const noexcept {
    return threads > 1 && blocks_ >= 2 && parts_.depthwise->args.shape.out_height >= 4 * threads;
  }

  // All steps, on the rows that each thread owns. Threads bind for themselves: what the steps hold
  // is in every core's cache, what this thread would hand over is not.
  void run_rows(const RunContext& context) const noexcept {
    const std::int64_t rows = parts_.depthwise->args.shape.out_height;
    const std::int64_t threads = context.pool->threads();
    context.pool->parallel_for(rows, (rows + threads - 1) / threads,
                               [&](std::int64_t begin, std::int64_t end) {
                                 const ConvShape& s = parts_.depthwise->args.shape;
                                 run_rings(context, {begin, end, 0, s.out_channels});
                                 if (parts_.project == nullptr) return;
                                 const ConvArgs project = parts_.project->bind(context);
                                 const std::int32_t channels = project.shape.out_channels;
                                 begin *= s.out_width, end *= s.out_width;
                                 parts_.project->kernel->run(project, {begin, end, 0, channels});
                                 if (parts_.add != nullptr)
                                   parts_.add->run_part(context, begin * channels, end * channels);
                               });
  }

  // Rows and channels of the depthwise output.
  void run_rings(const RunContext& context, const MacBlock& block) const noexcept {
    alignas(64) std::array<std::byte, kMostRingBytes + kSlack> ring;
    alignas(64) std::array<std::byte, kMostRowBytes + kSlack> outside;
    ConvArgs conv = parts_.conv->bind(context);
    DepthwiseArgs depthwise = parts_.depthwise->bind(context);
    const std::int64_t row_bytes = std::int64_t{depthwise.shape.in_width} * cut_.channels;
    std::memset(outside.data(), depthwise.input_zero, static_cast<std::size_t>(row_bytes));
    conv.output = ring.data();
    depthwise.input = ring.data();
    depthwise.scratch = outside.data();  // the row that lies above and below the input
    conv.ring.rows = cut_.ring_rows;
    conv.ring.first_row = first_row_read(depthwise.shape, block.row_begin);
    for (std::int32_t c = block.channel_begin; c < block.channel_end; c += cut_.channels) {
      conv.ring.first_channel = c;
      conv.ring.pixel_bytes = std::min(cut_.channels, block.channel_end - c);
      depthwise.ring = conv.ring;
      run_ring(conv, depthwise, {block.row_begin, block.row_end, c, c + conv.ring.pixel_bytes});
    }
  }

  void run_ring(const ConvArgs& conv, const DepthwiseArgs& depthwise,
                const MacBlock& block) const noexcept {
    const ConvShape& s = depthwise.shape;
    std::int64_t made = conv.ring.first_row;  // rows of the convolution up to here are in the ring
    // Even rounds, of two rows where rounds have more than one.
    const std::int64_t count = block.row_end - block.row_begin;
    const std::int64_t rounds = (count + cut_.rows - 1) / cut_.rows;
    const std::int64_t each =
        std::min<std::int64_t>((count + 2 * rounds - 1) / (2 * rounds) * 2, cut_.rows);
    for (std::int64_t y = block.row_begin; y < block.row_end; y += each) {
      const std::int64_t end = std::min(y + each, block.row_end);
      const std::int64_t last =
          std::min<std::int64_t>(y * s.stride_h - s.pad_top + rows_read(s, end - y), s.in_height);
      made = std::max<std::int64_t>(made, first_row_read(s, y));
      while (made < last) {
        const std::int64_t wrap = cut_.ring_rows - (made - conv.ring.first_row) % cut_.ring_rows;
        const std::int64_t to = std::min(made + wrap, last);
        parts_.conv->kernel->run(
            conv, {made * s.in_width, to * s.in_width, block.channel_begin, block.channel_end});
        made = to;
      }
      parts_.depthwise->kernel->run(depthwise, {y, end, block.channel_begin, block.channel_end});
    }
  }

  Parts parts_;
  Cut cut_;
  std::int64_t blocks_;  // that the convolution and the depthwise one are worth
};

template <class Args, class Kernel>
const ConvStep<Args, Kernel>* conv_of(const Step* step) {
  const auto* mac = dynamic_cast<const MacStep<Args, Kernel>*>(step);
  if (mac == nullptr || mac->conv().kernel->types != MacTypes::s8) return nullptr;
  return mac->conv().kernel->packing.ring_bytes > 0 && mac->conv().packed.size() > 0 ? &mac->conv()
                                                                                     : nullptr;
}

bool suits_rings(const Conv& conv, const Depthwise& depthwise) {
  constexpr std::int32_t kMostStep = 16;  // the sizes of rings stay far from overflows
  const ConvShape& s = depthwise.args.shape;
  return std::max({s.stride_h, s.dilation_h, s.filter_height}) <= kMostStep && s.batches == 1 &&
         s.in_channels == s.out_channels && s.out_channels % kUnit == 0 &&
         conv.args.shape.out_height == s.in_height && conv.args.shape.out_width == s.in_width &&
         conv.args.shape.out_channels == s.in_channels;
}

// Reads pixels where they are, one for each of its own.
bool suits_project(const Conv& project, const Depthwise& depthwise) {
  const ConvShape& s = project.args.shape;
  return s.filter_height == 1 && s.filter_width == 1 &&
         scratch_bytes_of(*project.kernel, project.args, project.hybrid) == 0 &&
         s.out_height == depthwise.args.shape.out_height &&
         s.out_width == depthwise.args.shape.out_width &&
         s.in_channels == depthwise.args.shape.out_channels;
}

// Each block of channels reads the input of the convolution again.
bool worthwhile(const Conv& conv, const Cut& cut) {
  constexpr std::int64_t kNearBytes = 16 << 10;  // a tensor that stays in the first cache anyway
  constexpr std::int64_t kTimes = 3;  // measured: the depthwise step alone misses the cache often
  const ConvShape& s = conv.args.shape;
  const std::int64_t in = std::int64_t{s.in_height} * s.in_width * s.in_channels;
  const std::int64_t out = std::int64_t{s.out_height} * s.out_width * s.out_channels;
  return out > kNearBytes && (s.out_channels - 1) / cut.channels * in <= kTimes * out;
}

}  // namespace

std::unique_ptr<Step> chain_steps(std::span<const Step* const> steps) {
  if (steps.size() < 2 || steps.size() > 4) return nullptr;
  ConvChain::Parts parts;
  parts.conv = conv_of<ConvArgs, ConvKernel>(steps[0]);
  parts.depthwise = conv_of<DepthwiseArgs, DepthwiseKernel>(steps[1]);
  if (parts.conv == nullptr || parts.depthwise == nullptr) return nullptr;
  if (!suits_rings(*parts.conv, *parts.depthwise)) return nullptr;
  if (steps.size() > 2) {
    parts.project_step = steps[2];
    parts.project = conv_of<ConvArgs, ConvKernel>(steps[2]);
    if (parts.project == nullptr || !suits_project(*parts.project, *parts.depthwise))
      return nullptr;
  }
  if (steps.size() > 3) {
    parts.add = dynamic_cast<const BinaryStep*>(steps[3]);
    if (parts.add == nullptr || parts.add->count() != block_rows(parts.project->args) *
                                                          parts.project->args.shape.out_channels)
      return nullptr;
  }
  const Cut cut = cut_rings(parts.depthwise->args.shape, parts.conv->kernel->packing);
  if (cut.channels == 0 || !worthwhile(*parts.conv, cut)) return nullptr;
  StepInfo info{.kernel = "conv_chain"};
  for (const Step* step : steps) {
    info.macs += step->info().macs;
    info.scratch_bytes = std::max(info.scratch_bytes, step->info().scratch_bytes);
  }
  return std::make_unique<ConvChain>(info, parts, cut);
}

}  // namespace pinfer
