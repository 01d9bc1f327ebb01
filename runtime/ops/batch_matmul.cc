// SPDX-License-Identifier: Apache-2.0
// BATCH_MATMUL: [..., rows, depth] x [..., depth, columns], leading dimensions broadcast.
#include <cstring>

#include "runtime/core/checked.h"
#include "runtime/kernels/batch_matmul/batch_matmul.h"
#include "runtime/ops/conv_setup.h"

namespace pinfer {
namespace {

constexpr std::size_t kBatchRank = kMaxRank - 2;

// The product, with the broadcast of the leading dimensions as strides (0 where one repeats),
// counted in matrices.
struct Product {
  MatMulTypes types = MatMulTypes::f32;
  MatMulShape shape;
  bool left_transposed = false;   // the file has [depth, rows]
  bool right_transposed = false;  // the file has [depth, columns]
  std::int64_t left_matrices = 1, right_matrices = 1, batches = 1;
  std::array<std::int64_t, kBatchRank> dims{}, left_strides{}, right_strides{};
};

Result<MatMulTypes> matmul_types(const NodeContext& context) {
  const DType left = context.input(0).dtype, right = context.input(1).dtype;
  const DType out = context.output(0).dtype;
  if (left == DType::f32 && right == DType::f32 && out == DType::f32) return MatMulTypes::f32;
  if (left == DType::f32 && right == DType::i8 && out == DType::f32) return MatMulTypes::hybrid;
  if (left == DType::i8 && right == DType::i8 && out == DType::i8) return MatMulTypes::s8;
  if (left == DType::i8 && right == DType::i8 && out == DType::i32) return MatMulTypes::s8_s32;
  if (left == DType::i16 && right == DType::i16 && out == DType::i16) return MatMulTypes::s16;
  if (left == DType::i16 && right == DType::i8 && out == DType::i16) return MatMulTypes::s16_s8;
  return context.unsupported("{} times {} to {}", context.name_of(context.input_id(0)),
                             context.name_of(context.input_id(1)), to_string(out));
}

// Dimension i of the batch part of `shape`, counted from the innermost.
std::int32_t batch_dim(const Shape& shape, std::size_t i) {
  return i + 2 < shape.size() ? shape[shape.size() - 3 - i] : 1;
}

Result<void> broadcast(const NodeContext& context, Product& product) {
  const Shape& left = context.input(0).shape;
  const Shape& right = context.input(1).shape;
  for (std::size_t i = 0; i < kBatchRank; ++i) {
    const std::int32_t l = batch_dim(left, i), r = batch_dim(right, i);
    if (l != r && l != 1 && r != 1)
      return context.error("V8", "{} and {} do not broadcast", context.name_of(context.input_id(0)),
                           context.name_of(context.input_id(1)));
    product.dims[i] = l == 1 ? r : l;
    product.left_strides[i] = l == 1 ? 0 : product.left_matrices;
    product.right_strides[i] = r == 1 ? 0 : product.right_matrices;
    const auto lefts = checked_mul<std::int64_t>(product.left_matrices, l);
    const auto rights = checked_mul<std::int64_t>(product.right_matrices, r);
    const auto batches = checked_mul(product.batches, product.dims[i]);
    if (!lefts || !rights || !batches || std::max({*lefts, *rights, *batches}) > kMaxElements)
      return context.error("V4", "{} times {} is too large", context.name_of(context.input_id(0)),
                           context.name_of(context.input_id(1)));
    product.left_matrices = *lefts;
    product.right_matrices = *rights;
    product.batches = *batches;
  }
  return {};
}

Result<Product> describe(const NodeContext& context) {
  const auto params = context.params<BatchMatMulParams>();
  const Shape& left = context.input(0).shape;
  const Shape& right = context.input(1).shape;
  const std::size_t l = left.size(), r = right.size();
  Product product;
  PINFER_TRY(product.types, matmul_types(context));
  product.left_transposed = params.adj_x;
  product.right_transposed = !params.adj_y;
  product.shape.rows = params.adj_x ? left[l - 1] : left[l - 2];
  product.shape.depth = params.adj_x ? left[l - 2] : left[l - 1];
  product.shape.columns = params.adj_y ? right[r - 2] : right[r - 1];
  const std::int32_t depth = params.adj_y ? right[r - 1] : right[r - 2];
  if (depth != product.shape.depth)
    return context.error("V8", "the inner dimensions of {} and {} are {} and {}",
                         context.name_of(context.input_id(0)), context.name_of(context.input_id(1)),
                         product.shape.depth, depth);
  PINFER_CHECK(broadcast(context, product));
  return product;
}

// Rule V10; also the multiplier of the scaled types.
Result<Multiplier> check_quant(const NodeContext& context, const Product& product) {
  Multiplier multiplier;
  const TensorInfo& right = context.input(1);
  if (product.types == MatMulTypes::f32) return multiplier;
  if (product.types == MatMulTypes::hybrid) {
    const int rank = static_cast<int>(right.shape.size());
    PINFER_CHECK(
        context.expect_channel_quant(right, product.right_transposed ? rank - 1 : rank - 2));
    for (const std::int32_t zero : right.quant.zero_point)
      if (zero != 0) return context.error("V10", "input 1 has zero point {}, it must be 0", zero);
    return multiplier;
  }
  if (product.types == MatMulTypes::s8_s32) return multiplier;
  PINFER_CHECK(context.expect_per_tensor_quant(context.input(0)));
  PINFER_CHECK(context.expect_per_tensor_quant(right));
  PINFER_CHECK(context.expect_per_tensor_quant(context.output(0)));
  // The reference multiplies the two scales in float.
  const double real = static_cast<double>(context.input(0).scale() * right.scale()) /
                      static_cast<double>(context.output(0).scale());
  const bool wide = product.types != MatMulTypes::s8;
  if (wide && right.zero_point() != 0)
    return context.error("V10", "input 1 has zero point {}, it must be 0", right.zero_point());
  if (!quantize_multiplier(real, multiplier) || (wide && multiplier.shift >= 8))
    return context.error("V10", "the multiplier is {}, which is out of range", real);
  return multiplier;
}

Result<void> infer(const NodeContext& context) {
  PINFER_CHECK(context.expect_operands(2, 2, 1));
  PINFER_CHECK(context.expect_rank(0, 2, kMaxRank));
  PINFER_CHECK(context.expect_rank(1, 2, kMaxRank));
  PINFER_TRY(const Product product, describe(context));
  PINFER_CHECK(check_quant(context, product));
  const std::size_t rank = std::max(context.input(0).shape.size(), context.input(1).shape.size());
  Shape out;
  for (std::size_t i = rank - 2; i > 0; --i)
    static_cast<void>(out.push_back(static_cast<std::int32_t>(product.dims[i - 1])));
  static_cast<void>(out.push_back(static_cast<std::int32_t>(product.shape.rows)));
  static_cast<void>(out.push_back(product.shape.columns));
  return context.set_output_shape(0, out);
}

struct Matrices {
  std::int64_t count = 0, rows = 0, columns = 0;
};

// to[m][j][i] = from[m][i][j]
template <class T>
void transpose_each(const void* from, void* to, const Matrices& m) noexcept {
  const T* in = static_cast<const T*>(from);
  T* out = static_cast<T*>(to);
  const std::int64_t size = m.rows * m.columns;
  for (std::int64_t matrix = 0; matrix < m.count; ++matrix, in += size, out += size)
    for (std::int64_t i = 0; i < m.rows; ++i)
      for (std::int64_t j = 0; j < m.columns; ++j) out[j * m.rows + i] = in[i * m.columns + j];
}

void transpose_each(std::size_t element, const void* from, void* to, const Matrices& m) noexcept {
  if (element == 1) return transpose_each<std::uint8_t>(from, to, m);
  if (element == 2) return transpose_each<std::uint16_t>(from, to, m);
  transpose_each<std::uint32_t>(from, to, m);
}

struct MatMulStep {
  Product product;
  MatMulArgs args;  // without pointers
  const MatMulKernel* kernel = nullptr;
  TensorId left = kNoTensor, right = kNoTensor, output = kNoTensor;
  std::size_t left_size = 1, right_size = 1, out_size = 1;  // bytes of one element
  std::size_t right_offset = 0, hybrid_offset = 0;          // into the scratch memory
  HybridInput hybrid;

  [[nodiscard]] std::int64_t left_matrix() const noexcept {
    return product.shape.rows * product.shape.depth;
  }
  [[nodiscard]] std::int64_t right_matrix() const noexcept {
    return static_cast<std::int64_t>(product.shape.columns) * product.shape.depth;
  }

  // Matrices of left and right that make up matrix `batch` of the result.
  void place(std::int64_t batch, std::int64_t& l, std::int64_t& r) const noexcept {
    l = r = 0;
    for (std::size_t i = 0; i < kBatchRank; ++i) {
      const std::int64_t at = batch % product.dims[i];
      batch /= product.dims[i];
      l += at * product.left_strides[i];
      r += at * product.right_strides[i];
    }
  }

  // Computes the rows [begin, end) of all matrices of the result, counted through.
  void run_rows(const MatMulArgs& base, const MacBlock& block) const noexcept {
    const std::int64_t rows = product.shape.rows;
    for (std::int64_t begin = block.row_begin; begin < block.row_end;) {
      const std::int64_t batch = begin / rows, first = begin % rows;
      const std::int64_t count = std::min(rows - first, block.row_end - begin);
      std::int64_t l = 0, r = 0;
      place(batch, l, r);
      MatMulArgs now = base;
      const bool is_hybrid = kernel->types == MatMulTypes::hybrid;
      now.left = static_cast<const std::byte*>(base.left) +
                 static_cast<std::size_t>(l * left_matrix()) * (is_hybrid ? 1 : left_size);
      now.right = static_cast<const std::byte*>(base.right) +
                  static_cast<std::size_t>(r * right_matrix()) * right_size;
      now.output = static_cast<std::byte*>(base.output) +
                   static_cast<std::size_t>(batch * rows * product.shape.columns) * out_size;
      if (is_hybrid) {
        now.left_scales = base.left_scales + l * rows;
        now.left_zeros = base.left_zeros + l * rows;
      }
      kernel->run(now, {first, first + count, block.channel_begin, block.channel_end});
      begin += count;
    }
  }

  Status operator()(const RunContext& run) const noexcept {
    MatMulArgs now = args;
    now.left = run.data<const void>(left);
    now.right = run.data<const void>(right);
    now.output = run.data<void>(output);
    if (product.left_transposed) {
      transpose_each(left_size, now.left, run.scratch,
                     {product.left_matrices, product.shape.depth, product.shape.rows});
      now.left = run.scratch;
    }
    if (product.right_transposed) {
      transpose_each(right_size, now.right, run.scratch + right_offset,
                     {product.right_matrices, product.shape.depth, product.shape.columns});
      now.right = run.scratch + right_offset;
    }
    if (kernel->types == MatMulTypes::hybrid) {
      std::byte* scratch = run.scratch + hybrid_offset;
      hybrid.quantize(static_cast<const float*>(now.left), scratch);
      now.left = hybrid.values(scratch);
      now.left_scales = hybrid.scales(scratch);
      now.left_zeros = hybrid.zeros(scratch);
      now.right_scales = hybrid.filter_scales.data();
    }
    for_blocks(*run.pool, product.batches * product.shape.rows, product.shape.columns, macs(),
               [&](const MacBlock& block) { run_rows(now, block); });
    return Status::ok;
  }

  [[nodiscard]] std::int64_t macs() const noexcept {
    return product.batches * product.shape.rows * product.shape.columns * product.shape.depth;
  }
};

// Where the transposed and the quantized copies lie; returns the bytes in all.
std::size_t plan_scratch(const NodeContext& context, MatMulStep& step) {
  constexpr std::size_t kAlign = 64;
  std::size_t bytes = 0;
  if (step.product.left_transposed) bytes += round_up(context.input(0).bytes(), kAlign);
  step.right_offset = bytes;
  if (step.product.right_transposed) bytes += round_up(context.input(1).bytes(), kAlign);
  step.hybrid_offset = bytes;
  if (step.product.types == MatMulTypes::hybrid) bytes += step.hybrid.scratch_bytes();
  return bytes;
}

Result<std::unique_ptr<Step>> prepare(const NodeContext& context) {
  MatMulStep step;
  PINFER_TRY(step.product, describe(context));
  const Product& product = step.product;
  PINFER_TRY(step.args.multiplier, check_quant(context, product));
  step.args.shape = product.shape;
  step.args.clamp = type_range(context.output(0).dtype);
  step.kernel = &select_batch_matmul(context.isa(), product.types, product.shape);
  step.left = context.input_id(0);
  step.right = context.input_id(1);
  step.output = context.output_id(0);
  step.left_size = size_of(context.input(0).dtype);
  step.right_size = size_of(context.input(1).dtype);
  step.out_size = size_of(context.output(0).dtype);
  if (product.types == MatMulTypes::s8) {
    step.args.left_zero = context.input(0).zero_point();
    step.args.right_zero = context.input(1).zero_point();
    step.args.output_zero = context.output(0).zero_point();
  } else if (product.types == MatMulTypes::hybrid) {
    step.hybrid.batches = product.left_matrices * product.shape.rows;
    step.hybrid.batch_size = product.shape.depth;
    step.hybrid.asymmetric = context.params<BatchMatMulParams>().asymmetric_quantize_inputs;
    step.hybrid.filter_scales = channel_scales(context.input(1), product.shape.columns);
    if (!context.input(1).quant.per_channel()) {
      step.hybrid.common_scale = context.input(1).scale();
      std::fill(step.hybrid.filter_scales.begin(), step.hybrid.filter_scales.end(), 1.0f);
    }
  }
  const StepInfo info{.kernel = step.kernel->name,
                      .macs = step.macs(),
                      .scratch_bytes = plan_scratch(context, step)};
  return make_step(info, std::move(step));
}

}  // namespace

extern const Operator batch_matmul_operator;
const Operator batch_matmul_operator{.name = "BATCH_MATMUL", .infer = infer, .prepare = prepare};

}  // namespace pinfer
