// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <spdlog/spdlog.h>

#include <exception>

namespace inpaintd {

/// Runs `body`; logs an exception. Returns whether it went well.
template <class Body>
bool contained(const char* actor, Body body) noexcept {
  try {
    try {
      body();
      return true;
    } catch (const std::exception& failure) {
      spdlog::error("{}: a message could not be handled: {}", actor, failure.what());
    } catch (...) {
      spdlog::error("{}: a message could not be handled: unknown exception", actor);
    }
  } catch (...) {  // no memory for a line of the log either
  }
  return false;
}

/// Runs the body of an actor's message handler. An exception would end the actor, and with it the service; instead it
/// is logged, and `repair` runs, which answers for the message.
template <class Body, class Repair>
void guarded(const char* actor, Body body, Repair repair) noexcept {
  if (!contained(actor, body)) contained(actor, repair);
}

}  // namespace inpaintd
