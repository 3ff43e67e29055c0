// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "actors/batcher.h"
#include "actors/gate.h"
#include "actors/ingress.h"
#include "actors/reuse.h"
#include "bus/wire/wire.h"
#include "tests/actors/fixture.h"
#include "tests/actors/message.h"

namespace inpaintd::test {

/// A request of a test.
struct Wish {
  std::uint8_t shade = 100;  ///< of the picture: requests of another shade are not identical
  std::chrono::milliseconds timeout{60'000};
  Priority priority = Priority::normal;
  bool progress = false;
  std::string mask_file;  ///< the bytes of the mask's file, unless empty
};

/// A message that a client got.
struct Reply {
  std::string inbox;
  std::string what;  ///< "done", "done cached", "queued", "running" or the error's name
  std::string image;
};

/// Identical requests through the whole pipeline: gate, ingresses, batcher and repliers are real, and the test says
/// what the device does.
class ReuseFixture : public ActorFixture {
 public:
  explicit ReuseFixture(std::size_t result_bytes_max = 0)
      : reuse(std::make_shared<Reuse>(inpaintd::Config::Cache{.bytes_max = result_bytes_max, .mask_bytes_max = 0},
                                      metrics)) {
    const Publish publish = [this](const std::string& inbox, Bytes data, const Headers&) { return note(inbox, data); };
    std::vector<caf::actor> actors;
    const auto outbox = std::make_shared<const Outbox>(publish, metrics);
    for (int i = 0; i < 3; ++i)
      actors.push_back(system.spawn<Replier>(Replier::Parts{"test", outbox, metrics, reuse, intake}));
    repliers_ = std::make_unique<Repliers>(actors);
    DispatcherSettings settings;
    settings.size_max = 1;
    settings.wait_max = 0ms;
    batcher = system.spawn<Batcher>(settings, *repliers_, nullptr, nullptr, cancellations);
    all_ = actors;
    for (int i = 0; i < 2; ++i)
      all_.push_back(
          system.spawn<Ingress>(IngressSettings{}, Ingress::Parts{intake, cancellations, reuse, *repliers_, batcher}));
    all_.push_back(batcher);
    gate = std::make_unique<Gate>(
        Gate::Parts{admission, intake, cancellations, reuse, outbox, metrics, *repliers_, batcher});
    device = std::make_unique<ManualDevice>(*this, batcher);
  }
  ~ReuseFixture() {
    device.reset();
    for (const auto& actor : all_) exit(actor);
    run();
  }

  /// Sends a request, whose id is also its inbox.
  void send(const std::string& id, const Wish& wish = {}) {
    const Pixels picture(64, 64, 3, wish.shade);
    Request request;
    request.id = id;
    request.image = RawPixels{64, 64, picture.bytes};
    request.mask = RectMask{{{8, 8, 16, 16}}};
    if (!wish.mask_file.empty()) request.mask = EncodedFile{as_bytes(wish.mask_file)};
    request.timeout = wish.timeout;
    request.progress = wish.progress;
    auto place = admission->reserve(1);
    REQUIRE(place);
    Ticket ticket;
    ticket.reply = id;
    ticket.priority = wish.priority;
    ticket.received = now();
    intake->put(Envelope{ticket, make_message("run", id, wire::encode_request(request)), *place});
    run();
  }
  void cancel(const std::string& id) {
    gate->cancel(make_message("cancel", "", wire::encode_cancel(id)));
    run();
  }
  /// The ids of the next batch that the device takes; empty when no batch is ready for the device.
  std::vector<std::string> take() {
    while (true) {
      if (device->batches.size() == taken_) device->ask();
      if (device->batches.size() == taken_) return {};
      std::vector<std::string> ids;
      for (const Task& task : *device->batches[taken_])
        if (!task.job->ended()) ids.push_back(task.job->ticket().id);  // a device skips the others
      ++taken_;
      if (!ids.empty()) return ids;
    }
  }
  /// The device answers the batch that it took last with a picture of this shade.
  void deliver(std::uint8_t shade = 7) {
    const BatchFacts facts{{device->batches.back()->size(), "manual", "test"}, now(), Microseconds(5)};
    for (const Task& task : *device->batches.back()) {
      const Size size = task.input().network_size();
      if (auto outcome = task.job->deliver(task.tile, Pixels(size.width, size.height, 3, shade), facts))
        repliers_->send(std::move(*outcome));
    }
    run();
  }
  /// The device fails the batch that it took last.
  void fail(ErrorCode code) {
    for (const Task& task : *device->batches.back())
      if (auto outcome = task.job->fail({code, "the test said so"})) repliers_->send(std::move(*outcome));
    run();
  }

  /// "inbox: what" of all replies, sorted by inbox; the replies to one inbox are in the order of their arrival.
  [[nodiscard]] std::vector<std::string> log() const {
    auto sorted = replies;
    std::ranges::stable_sort(sorted, {}, &Reply::inbox);
    std::vector<std::string> lines;
    for (const Reply& each : sorted) lines.push_back(each.inbox + ": " + each.what);
    return lines;
  }

  std::shared_ptr<Metrics> metrics = std::make_shared<Metrics>();
  std::shared_ptr<Admission> admission = std::make_shared<Admission>(100, 1 << 20);
  std::shared_ptr<Intake> intake = std::make_shared<Intake>(2);
  std::shared_ptr<Cancellations> cancellations = std::make_shared<Cancellations>();
  std::shared_ptr<Reuse> reuse;
  caf::actor batcher;
  std::unique_ptr<Gate> gate;
  std::unique_ptr<ManualDevice> device;
  std::vector<Reply> replies;

 protected:
  std::unique_ptr<Repliers> repliers_;

 private:
  Status note(const std::string& inbox, Bytes data) {
    const auto reply = wire::decode_reply(data);
    REQUIRE(reply);
    if (const auto* done = std::get_if<wire::Done>(&*reply)) {
      CHECK(done->id == inbox);
      replies.push_back(
          {inbox, done->cached ? "done cached" : "done", std::string(done->image.begin(), done->image.end())});
      last_done = *done;
    } else if (const auto* failed = std::get_if<wire::Failed>(&*reply)) {
      CHECK(failed->id == inbox);
      replies.push_back({inbox, std::string(info(failed->error.code).name), {}});
    } else {
      replies.push_back({inbox, std::holds_alternative<wire::Queued>(*reply) ? "queued" : "running", {}});
    }
    return Ok{};
  }

  std::size_t taken_ = 0;
  std::vector<caf::actor> all_;

 public:
  wire::Done last_done;  ///< without its image, whose memory is freed
};

using Lines = std::vector<std::string>;
using Ids = std::vector<std::string>;

}  // namespace inpaintd::test
