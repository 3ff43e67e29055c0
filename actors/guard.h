// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <spdlog/spdlog.h>

#include <exception>

namespace inpaintd {

/// Runs `body`, and logs an exception. Returns false if there was one.
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
  } catch (...) {  // there is no memory for the log line either
  }
  return false;
}

/// Runs the body of an actor's message handler. An exception would end the actor, and with the actor the service;
/// instead the exception is logged and `repair` runs, which brings the handling of the message to an end.
template <class Body, class Repair>
void guarded(const char* actor, Body body, Repair repair) noexcept {
  if (!contained(actor, body)) contained(actor, repair);
}

}  // namespace inpaintd
