// SPDX-License-Identifier: Apache-2.0
#include <cstdlib>

#include "bus/nats_private.h"

namespace inpaintd {
namespace {

std::string_view view(const char* text) { return text == nullptr ? std::string_view() : std::string_view(text); }

}  // namespace

Message own(natsMsg* message) { return Message(std::make_shared<Message::Impl>(message)); }

std::string_view Message::subject() const { return view(natsMsg_GetSubject(impl_->message.get())); }

std::string_view Message::reply() const { return view(natsMsg_GetReply(impl_->message.get())); }

Bytes Message::data() const {
  return {reinterpret_cast<const std::uint8_t*>(natsMsg_GetData(impl_->message.get())),
          static_cast<std::size_t>(natsMsg_GetDataLength(impl_->message.get()))};
}

std::string Message::header(const std::string& key) const {
  const char* value = nullptr;
  if (natsMsgHeader_Get(impl_->message.get(), key.c_str(), &value) != NATS_OK) return {};
  return std::string(view(value));
}

Headers Message::headers() const {
  Headers headers;
  const char** keys = nullptr;
  int count = 0;
  if (natsMsgHeader_Keys(impl_->message.get(), &keys, &count) != NATS_OK) return headers;
  for (int i = 0; i < count; ++i) headers.emplace_back(keys[i], header(keys[i]));
  std::free(static_cast<void*>(keys));  // NOLINT: the caller owns the list, and the message owns the keys
  return headers;
}

bool Message::no_responders() const { return natsMsg_IsNoResponders(impl_->message.get()); }

}  // namespace inpaintd
