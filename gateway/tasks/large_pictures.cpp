// SPDX-License-Identifier: Apache-2.0
#include "gateway/tasks/large_pictures.h"

#include <fmt/format.h>

#include <utility>

#include "bus/object_store.h"

namespace inpaintd::gateway {
namespace {

constexpr std::chrono::seconds timeout{60};

ObjectName object(std::string_view kind, const std::string& token, std::string_view part = {}) {
  return {std::string(pictures_bucket), fmt::format("{}/gateway-{}{}", kind, token, part)};
}

ObjectStore bucket(Connection& connection) { return {connection, std::string(pictures_bucket), timeout}; }

}  // namespace

bool LargePictures::look() {
  const auto options = bucket(*connection_).options();
  available_ = options && *options;
  return static_cast<bool>(options);
}

ObjectName LargePictures::image_of(const std::string& token) { return object("in", token, "/image"); }
ObjectName LargePictures::mask_of(const std::string& token) { return object("in", token, "/mask"); }
ObjectName LargePictures::result_of(const std::string& token) { return object("out", token); }

Status LargePictures::store(const std::string& token, const Submission& submission) {
  {
    const std::lock_guard lock(mutex_);
    tokens_.insert(token);
  }
  ObjectStore store = bucket(*connection_);
  Status stored = store.put(image_of(token).name, as_bytes(submission.image));
  return stored ? store.put(mask_of(token).name, as_bytes(submission.mask)) : stored;
}

bool LargePictures::holds(const std::string& token) const {
  const std::lock_guard lock(mutex_);
  return tokens_.contains(token);
}

Result<std::string> LargePictures::result(const std::string& token) {
  return bucket(*connection_).get(result_of(token).name);
}

void LargePictures::remove(const std::string& token) {
  {
    const std::lock_guard lock(mutex_);
    if (tokens_.erase(token) == 0) return;
  }
  ObjectStore store = bucket(*connection_);
  for (const ObjectName& each : {image_of(token), mask_of(token), result_of(token)}) (void)store.remove(each.name);
}

}  // namespace inpaintd::gateway
