// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <nats/nats.h>

#include <memory>
#include <string>
#include <string_view>

#include "bus/connection.h"
#include "core/text.h"

/// What the files of this folder that talk to nats.c share. Private to them.
namespace inpaintd {

template <auto destroy>
struct Destroyer {
  template <class T>
  void operator()(T* handle) const {
    destroy(handle);
  }
};
using NatsOptions = std::unique_ptr<natsOptions, Destroyer<natsOptions_Destroy>>;
using NatsMessage = std::unique_ptr<natsMsg, Destroyer<natsMsg_Destroy>>;

class Message::Impl {
 public:
  explicit Impl(natsMsg* message) : message(message) {}
  NatsMessage message;
};

/// Takes over a message that nats.c handed out.
Message own(natsMsg* message);

/// Options for natsConnection_Connect. Errors: internal, naming the setting that does not work.
Result<NatsOptions> nats_options(const ConnectionOptions& options);

/// Why nats.c refused, and what to do, in words.
std::string explain(natsStatus status);

}  // namespace inpaintd
