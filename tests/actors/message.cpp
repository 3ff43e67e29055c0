// SPDX-License-Identifier: Apache-2.0
#include "tests/actors/message.h"

#include <stdexcept>

#include "bus/nats_private.h"

namespace inpaintd::test {

Message make_message(const std::string& subject, const std::string& reply, const std::string& data) {
  nats_Open(-1);  // freed messages go to the library's collector, which only a connection would start otherwise
  natsMsg* message = nullptr;
  const natsStatus status = natsMsg_Create(&message, subject.c_str(), reply.empty() ? nullptr : reply.c_str(),
                                           data.data(), static_cast<int>(data.size()));
  if (status != NATS_OK) throw std::runtime_error(natsStatus_GetText(status));
  return own(message);
}

}  // namespace inpaintd::test
