// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <spdlog/spdlog.h>

#include <caf/all.hpp>
#include <memory>
#include <string>

#include "actors/guard.h"
#include "monitoring/health_board.h"

namespace inpaintd {

/// Asks for a new process, on `board`, when `actor` ends for another reason than the end of the service, because later
/// messages to the actor would be lost. `name` is the name of the actor in the log; it must be a literal.
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
