// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <spdlog/spdlog.h>

#include <caf/all.hpp>
#include <memory>
#include <string>

#include "actors/guard.h"
#include "actors/health.h"

namespace inpaintd {

/// Asks for a new process when `actor` ends for another reason than the end of the service: what is sent to it from
/// then on would be lost. `name` is how the log calls the actor; a literal.
inline void watch_over(const caf::actor& actor, const char* name, const std::shared_ptr<HealthBoard>& board) {
  caf::actor_cast<caf::abstract_actor*>(actor)->attach_functor([board, name](const caf::error& reason) {
    if (reason == caf::exit_reason::user_shutdown) return;
    contained(name, [&] {
      const std::string why = std::string(name) + " ended: " + caf::to_string(reason);
      spdlog::critical("{}", why);
      board->want_restart(why);
    });
  });
}

}  // namespace inpaintd
