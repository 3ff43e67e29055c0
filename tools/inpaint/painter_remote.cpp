// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <iterator>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "clients/cpp/client.h"
#include "core/time.h"
#include "image/patch.h"
#include "tools/inpaint/painter.h"
#include "tools/inpaint/stored_inputs.h"
#include "tools/shared/progress.h"

namespace inpaintd::tools {
namespace {

using std::chrono::milliseconds;
using namespace std::chrono_literals;
using Kind = ClientError::Kind;

constexpr std::size_t message_overhead = 1024;  // of an answer, beside its picture

PaintFailure failure_of(const ClientError& failure) {
  const std::string& message = failure.error.message;
  switch (failure.kind) {
    case Kind::service:
      return service_failure(failure.error);
    case Kind::no_service:
      return {message + ", or add --local", exit_no_service};
    case Kind::connection:
      return {message, exit_no_service};
    case Kind::stopped:
      return {message, exit_interrupted};
    case Kind::no_answer:
    case Kind::unreadable:
      break;
  }
  return {message};
}

Options lossless_patch(Options options) {
  options.format = Format::png;
  options.region = Region::patch;
  options.quality.reset();
  options.lossless.reset();
  return options;
}

Painted pasted(const Request& request, const wire::Done& patch, const Options& options) {
  const Bytes image = std::get<EncodedFile>(request.image).data;
  auto whole = paste_patch(image, patch.image, patch.region, request.mask, options);
  if (!whole) return service_failure(whole.error());
  Painting painting{std::move(whole->bytes), whole->exact, patch.notes};
  std::ranges::move(whole->notes, std::back_inserter(painting.notes));
  return painting;
}

class RemotePainter : public Painter {
 public:
  RemotePainter(Client& client, RemoteSettings settings, const Interrupt& interrupt)
      : client_(client), settings_(settings), interrupt_(interrupt) {}

  Painted paint(Bytes image, Bytes mask, const Options& options, const Progress& progress) override {
    Request request;
    request.image = EncodedFile{image};
    request.mask = EncodedFile{mask};
    request.options = options;
    const TimePoint deadline = Clock::now() + settings_.timeout;
    const bool whole = options.region == Region::full;
    if (const Status fits = client_.check_size(image.size() + mask.size() + message_overhead); !fits) {
      if (const auto problem = bucket_problem(bucket()))
        return PaintFailure{fmt::format(
            "{}; larger pictures go through the object store, and {}; or add --local to do without a service",
            fits.error().message, *problem)};
      return stored(request, deadline, progress);
    }

    if (!whole || !too_large_for_message(image, options)) {
      const auto picture = send(request, deadline, progress);
      if (picture)
        return tell_exact(Painting{std::string(picture->done.image.begin(), picture->done.image.end()),
                                   picture->done.exact, picture->done.notes},
                          progress);
      if (!whole || !is_too_large(picture.error())) return failure_of(picture.error());
      if (progress) progress("the whole picture does not fit into a message; asking for the part that changes");
    }
    request.options = lossless_patch(options);
    const auto patch = send(request, deadline, progress);
    if (!patch && is_too_large(patch.error()) && !bucket_problem(bucket())) {
      request.options = options;
      return stored(request, deadline, progress);
    }
    if (!patch) return failure_of(patch.error());
    return tell_exact(pasted(request, patch->done, options), progress);
  }

 private:
  static bool is_too_large(const ClientError& failure) {
    return failure.kind == Kind::service && failure.error.code == ErrorCode::too_large;
  }

  [[nodiscard]] ObjectStore bucket() const { return client_.bucket(std::string(pictures_bucket), settings_.timeout); }

  /// Sends a request whose pictures no message can hold: they and the answer go through the object store.
  Painted stored(Request request, TimePoint deadline, const Progress& progress) {
    ObjectStore bucket = this->bucket();
    const std::string id = unique_id();
    const ObjectName image{std::string(pictures_bucket), "in/" + id + "/image"};
    const ObjectName mask{image.bucket, "in/" + id + "/mask"}, result{image.bucket, "out/" + id};
    if (progress) progress("the picture does not fit into a message; it goes through the object store");
    const std::shared_ptr<void> removal(nullptr, [&](void*) {
      for (const ObjectName& each : {image, mask, result}) (void)bucket.remove(each.name);
    });
    if (const Status put = store_inputs(bucket, request, image, mask); !put) return service_failure(put.error());
    request.result = result;
    const auto picture = send(request, deadline, progress);
    if (!picture) return failure_of(picture.error());
    auto file = bucket.get(result.name);
    if (!file) return service_failure(file.error());
    return tell_exact(Painting{std::move(*file), picture->done.exact, picture->done.notes}, progress);
  }

  /// Whether the whole picture is likely not to fit into a message as an answer.
  [[nodiscard]] bool too_large_for_message(Bytes image, const Options& options) const {
    const auto bytes = estimated_answer_bytes(image, options);
    return bytes && !client_.check_size(*bytes + message_overhead);
  }

  Result<FilledPicture, ClientError> send(Request request, TimePoint deadline, const Progress& progress) {
    request.timeout = std::max(1ms, std::chrono::duration_cast<milliseconds>(deadline - Clock::now()));
    Sending sending{.priority = settings_.priority, .retries = settings_.retries, .stop = interrupt_.token()};
    if (progress) {
      sending.progress = [&progress](const wire::Reply& reply) { progress(describe_progress(reply)); };
      sending.retrying = [&progress](const ClientError& failure, milliseconds wait) {
        progress(describe_retry(failure.code(), wait));
      };
    }
    auto picture = client_.inpaint(std::move(request), sending);
    if (picture && progress) progress(describe_progress(picture->done));
    return picture;
  }

  Client& client_;
  const RemoteSettings settings_;
  const InterruptWatch interrupt_;
};

}  // namespace

std::unique_ptr<Painter> make_remote_painter(Client& client, RemoteSettings settings, const Interrupt& interrupt) {
  return std::make_unique<RemotePainter>(client, settings, interrupt);
}

}  // namespace inpaintd::tools
