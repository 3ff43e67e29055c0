// SPDX-License-Identifier: Apache-2.0
#include "bus/denials.h"

#include <fmt/format.h>

#include <utility>

namespace inpaintd {

std::optional<Denial> parse_denial(std::string_view text) {
  using Operation = Denial::Operation;
  constexpr std::pair<std::string_view, Operation> heads[] = {
      {"Permissions Violation for Publish to \"", Operation::publish},
      {"Permissions Violation for Publish with Reply of \"", Operation::publish},
      {"Permissions Violation for Subscription to \"", Operation::subscribe},
  };
  for (const auto& [head, operation] : heads) {
    const std::size_t found = text.find(head);
    if (found == std::string_view::npos) continue;
    const std::string_view rest = text.substr(found + head.size());
    return Denial{operation, std::string(rest.substr(0, rest.find('"')))};
  }
  return std::nullopt;
}

std::string Denial::message() const {
  if (operation == Operation::connect) return subject;
  return fmt::format(
      "the NATS server's permissions forbid this user to {} `{}`; extend the permissions, or use another "
      "user",
      operation == Operation::publish ? "publish to" : "subscribe to", subject);
}

std::shared_ptr<void> Denials::watch(Watcher watcher) {
  auto kept = std::make_shared<Watcher>(std::move(watcher));
  const std::lock_guard lock(mutex_);
  std::erase_if(watchers_, [](const auto& each) { return each.expired(); });
  watchers_.push_back(kept);
  return kept;
}

void Denials::tell(const Denial& denial) {
  std::vector<std::shared_ptr<Watcher>> now;
  {
    const std::lock_guard lock(mutex_);
    for (const auto& each : watchers_)
      if (auto watcher = each.lock()) now.push_back(std::move(watcher));
  }
  for (const auto& watcher : now) (*watcher)(denial);  // without the lock: a watcher may end its watch
}

}  // namespace inpaintd
