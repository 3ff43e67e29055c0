// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "models/fused/device_operations.h"

namespace inpaintd::cuda {

/// A stream of its own on `device`.
std::unique_ptr<DeviceOperations> make_operations(c10::Device device);

/// The cudaStream_t that LibTorch's operations on `device` are being put on by the calling thread.
void* current_stream(c10::Device device);

}  // namespace inpaintd::cuda
