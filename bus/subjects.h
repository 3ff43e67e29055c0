// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <fmt/format.h>

#include <string>
#include <string_view>

#include "core/request.h"

/// The subjects of docs/protocol.md. `prefix` is the setting nats.prefix.
namespace inpaintd {

/// Where requests of `priority` are published: `<prefix>.v1.run`, `.run.high` or `.run.low`.
inline std::string run_subject(std::string_view prefix, Priority priority = Priority::normal) {
  const std::string subject = fmt::format("{}.v1.run", prefix);
  return priority == Priority::normal ? subject : fmt::format("{}.{}", subject, name(priority));
}

/// Where cancellations are published.
inline std::string cancel_subject(std::string_view prefix) { return fmt::format("{}.v1.cancel", prefix); }

}  // namespace inpaintd
