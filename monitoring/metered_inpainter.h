// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

#include "models/inpainter.h"
#include "monitoring/device_load.h"
#include "monitoring/metrics.h"

namespace inpaintd {

/// Engines of `factory` that also keep account of what they do: in `load`, and in the metrics of all devices.
EngineFactory metered(EngineFactory factory, std::shared_ptr<DeviceLoad> load, std::shared_ptr<Metrics> metrics);

}  // namespace inpaintd
