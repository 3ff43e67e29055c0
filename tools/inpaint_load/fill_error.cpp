// SPDX-License-Identifier: Apache-2.0
#include "tools/inpaint_load/fill_error.h"

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <variant>

#include "bus/subjects.h"
#include "bus/wire/wire.h"
#include "image/codec.h"
#include "image/geometry.h"

namespace inpaintd::tools {
namespace {

Result<Pixels> ask(Connection& connection, const LoadOptions& options, Bytes request) {
  const auto message = connection.request(run_subject(options.server.prefix, Priority::normal), request,
                                          options.timeout + options.grace);
  if (!message) return message.error();
  const auto reply = wire::decode_reply(message->data());
  if (!reply) return reply.error();
  if (const auto* failed = std::get_if<wire::Failed>(&*reply)) return failed->error;
  const auto* done = std::get_if<wire::Done>(&*reply);
  if (done == nullptr) return Error{ErrorCode::internal, "the service answered with progress that was not asked for"};
  auto picture = decode_picture(done->format, done->size, done->image);
  if (!picture) return picture.error();
  return std::move(picture->rgb);
}

}  // namespace

Result<double> fill_error(const LoadPicture& original, const DrawnMask& drawn, const Pixels& answer) {
  const auto sent = decode_picture(original.format, original.size, as_bytes(original.bytes));
  if (!sent) return sent.error();
  const auto mask = decode_mask(drawn.view(), original.size, ImageLimits{});
  if (!mask) return mask.error();
  const Pixels &holes = mask->holes, &before = sent->rgb;
  const Rect all{0, 0, before.width, before.height};
  Canvas filled{all, before};
  Tile tile = plan_tile(holes, {all, answer.size(), padded(answer.size())});
  tile.image = std::make_shared<const Pixels>(answer);  // the service has composed it
  paste(filled, holes, tile, answer, make_patch(holes, all, 0, 0));
  std::int64_t sum = 0, samples = 0;
  for (std::size_t pixel = 0; pixel < holes.bytes.size(); ++pixel) {
    if (holes.bytes[pixel] == 0) continue;
    for (std::size_t i = pixel * 3; i < pixel * 3 + 3; ++i) sum += std::abs(filled.rgb.bytes[i] - before.bytes[i]);
    samples += 3;
  }
  return static_cast<double>(sum) / static_cast<double>(std::max<std::int64_t>(samples, 1));
}

Result<double> mean_fill_error(Connection& connection, const LoadOptions& options, RequestMaker& sent,
                               const RequestMaker& original, std::size_t count) {
  double sum = 0;
  for (std::size_t number = 0; number < count; ++number) {
    const Choice choice = sent.choice(number);
    const auto answer = ask(connection, options, sent.encode(number, choice));
    if (!answer) return answer.error();
    const auto error = fill_error(original.picture(choice), original.mask(choice), *answer);
    if (!error) return error.error();
    sum += *error;
  }
  return sum / static_cast<double>(std::max<std::size_t>(count, 1));
}

}  // namespace inpaintd::tools
