// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <nats/nats.h>

#include <memory>
#include <string>
#include <string_view>

#include "bus/connection.h"
#include "core/server_url.h"

/// Shared by the files of this folder that call nats.c, and private to them.
namespace inpaintd {

/// A deleter for handles of nats.c.
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

/// Takes the ownership of a message from nats.c.
Message own(natsMsg* message);

/// Options for natsConnection_Connect. Errors: internal, which names the setting that does not work.
Result<NatsOptions> nats_options(const ConnectionOptions& options);

/// The cause of an error of nats.c, and what to do about it.
std::string explain(natsStatus status);

}  // namespace inpaintd
