// SPDX-License-Identifier: Apache-2.0
#include "models/fused/ops.h"

#include <ATen/ATen.h>

#include <stdexcept>

#include "core/network_input.h"

#ifdef INPAINTD_CUDA
#include <c10/core/DeviceGuard.h>

#include "models/fused/cuda/device.h"
#include "models/fused/cuda/kernels.h"
#endif

namespace inpaintd::fused {
namespace {

/// 0..length-1 with `pad` mirrored positions at both ends.
at::Tensor mirrored_positions(std::int64_t length, int pad, c10::Device device) {
  std::vector<std::int64_t> positions;
  for (std::int64_t i = -pad; i < length + pad; ++i)
    positions.push_back(i < 0 ? -i : i < length ? i : 2 * length - 2 - i);
  return at::tensor(positions, at::kLong).to(device);
}

#ifdef INPAINTD_CUDA

cuda::Type kernel_type(const at::Tensor& x) {
  if (x.scalar_type() == at::kHalf) return cuda::Type::fp16;
  return x.scalar_type() == at::kBFloat16 ? cuda::Type::bf16 : cuda::Type::fp32;
}

template <class Arguments>
void launch(const Arguments& arguments, const at::Tensor& x) {
  const c10::DeviceGuard guard(x.device());  // a launch goes to the thread's current device, whatever its stream is
  cuda::launch(arguments, kernel_type(x), cuda::current_stream(x.device()));
  if (const char* error = cuda::launch_error()) throw std::runtime_error(error);
}

int extent(const at::Tensor& x, std::int64_t axis) { return static_cast<int>(x.size(axis)); }
int pixel_stride(const at::Tensor& x) { return static_cast<int>(x.stride(2)); }

#endif

}  // namespace

at::Tensor pack_input(const at::Tensor& image, const at::Tensor& mask, at::ScalarType type) {
#ifdef INPAINTD_CUDA
  if (image.is_cuda()) {
    const at::Tensor out =
        at::empty({image.size(0), image.size(1) + 6, image.size(2) + 6, 8}, image.options().dtype(type));
    launch(cuda::PackInput{image.data_ptr<std::uint8_t>(), mask.data_ptr<std::uint8_t>(), out.data_ptr(),
                           extent(image, 0), extent(image, 1), extent(image, 2)},
           out);
    return out;
  }
#endif
  const at::Tensor hole = mask.gt(hole_above).to(at::kFloat);
  const at::Tensor colours = image.to(at::kFloat).div_(255) * (1 - hole);
  const at::Tensor nothing = at::zeros({image.size(0), image.size(1), image.size(2), 4}, colours.options());
  return reflect_pad(at::cat({colours, hole, nothing}, 3).to(type), 3);
}

at::Tensor reflect_pad(const at::Tensor& x, int pad) {
#ifdef INPAINTD_CUDA
  if (x.is_cuda()) {
    const at::Tensor out = at::empty({x.size(0), x.size(1) + 2 * pad, x.size(2) + 2 * pad, x.size(3)}, x.options());
    launch(cuda::ReflectPad{x.data_ptr(), out.data_ptr(), extent(x, 0), extent(x, 1), extent(x, 2), extent(x, 3), pad},
           x);
    return out;
  }
#endif
  return x.index_select(1, mirrored_positions(x.size(1), pad, x.device()))
      .index_select(2, mirrored_positions(x.size(2), pad, x.device()));
}

Joined join(const at::Tensor& local, const at::Tensor& global, const at::Tensor& residual) {
#ifdef INPAINTD_CUDA
  if (local.is_cuda()) {
    const std::int64_t n = local.size(0), h = local.size(1), w = local.size(2), l = local.size(3), g = global.size(3);
    const auto map = [&](std::int64_t rows, std::int64_t columns, std::int64_t channels) {
      return at::empty({n, rows, columns, channels}, local.options());
    };
    Joined out{map(h, w, l + g), map(h + 2, w + 2, l + g), map(h + 2, w + 2, l)};
    launch(cuda::Join{local.data_ptr(), global.data_ptr(), residual.defined() ? residual.data_ptr() : nullptr,
                      pixel_stride(local), pixel_stride(global), out.x.data_ptr(), out.padded.data_ptr(),
                      out.padded_local.data_ptr(), extent(local, 0), extent(local, 1), extent(local, 2),
                      extent(local, 3), extent(global, 3)},
           local);
    return out;
  }
#endif
  at::Tensor x = at::cat({local, at::relu(global)}, 3);
  if (residual.defined()) x += residual;
  const at::Tensor padded = reflect_pad(x, 1);
  return {x, padded, padded.slice(3, 0, local.size(3)).contiguous()};
}

at::Tensor join_spectrum(const at::Tensor& spectrum, const at::Tensor& filtered, const at::Tensor& bias) {
#ifdef INPAINTD_CUDA
  if (spectrum.is_cuda()) {
    launch(cuda::JoinSpectrum{spectrum.data_ptr(), filtered.data_ptr(), bias.data_ptr(), extent(spectrum, 0),
                              spectrum.size(2), extent(spectrum, 3)},
           spectrum);
    return spectrum;
  }
#endif
  const at::Tensor parts = (filtered + bias).relu_().view({filtered.size(0), filtered.size(1), 2, -1});
  return at::Tensor(spectrum).add_(parts.permute({0, 2, 1, 3}));
}

Finished finish(const at::Tensor& logits) {
#ifdef INPAINTD_CUDA
  if (logits.is_cuda()) {
    const std::int64_t n = logits.size(0), h = 4 * logits.size(1), w = 4 * logits.size(2);
    Finished out{at::empty({n, h, w, 3}, logits.options().dtype(at::kByte)),
                 at::ones({n}, logits.options().dtype(at::kBool))};
    launch(cuda::Finish{logits.data_ptr(), out.pictures.data_ptr<std::uint8_t>(), out.finite.data_ptr<bool>(),
                        extent(out.pictures, 0), extent(out.pictures, 1), extent(out.pictures, 2)},
           logits);
    return out;
  }
#endif
  const at::Tensor pixels = at::pixel_shuffle(logits.permute({0, 3, 1, 2}).to(at::kFloat), 4);
  return {pixels.sigmoid().mul_(255).to(at::kByte).permute({0, 2, 3, 1}).contiguous(),
          at::isfinite(logits).flatten(1).all(1)};
}

}  // namespace inpaintd::fused
