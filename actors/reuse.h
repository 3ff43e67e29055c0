// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <memory>
#include <utility>

#include "actors/single_flight.h"
#include "config/config.h"
#include "core/input.h"
#include "core/lru_cache.h"
#include "image/fingerprint.h"
#include "monitoring/metrics.h"

namespace inpaintd {

/// The caches and the table of identical requests in flight; one object for all ingress and replier actors. Thread
/// safe.
struct Reuse {
  Reuse(const Config::Cache& settings, std::shared_ptr<Metrics> metrics)
      : results(settings.bytes_max, [metrics](bool hit) { ++(hit ? metrics->result_hits : metrics->result_misses); }),
        masks(settings.mask_bytes_max, [metrics](bool hit) { ++(hit ? metrics->mask_hits : metrics->mask_misses); }) {}

  const Fingerprinter fingerprinter;
  SingleFlight flights;      ///< of requests that are being computed
  LruCache<Answer> results;  ///< of requests that were computed
  LruCache<HolePlan> masks;  ///< of masks that were used before
};

}  // namespace inpaintd
