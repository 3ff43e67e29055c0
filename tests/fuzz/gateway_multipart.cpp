// SPDX-License-Identifier: Apache-2.0
#include "gateway/contracts/contract.h"
#include "gateway/text/multipart.h"
#include "tests/fuzz/fuzz.h"

/// The body of a form: parse_multipart, and the readers of both forms that have one.
namespace inpaintd::fuzz {
namespace {

constexpr std::string_view type = "multipart/form-data; boundary=X";

}  // namespace

std::vector<std::string> seeds() {
  const std::string part = "--X\r\nContent-Disposition: form-data; name=";
  return {
      part + "\"image\"; filename=\"a.png\"\r\nContent-Type: image/png\r\n\r\n\xff\r\n" + part + "mask\r\n\r\nm\r\n" +
          part + "dilate\r\n\r\n3\r\n--X--\r\n",
      part + "image\r\n\r\ni\r\n" + part + "mask\r\n\r\nm\r\n" + part + "hdStrategy\r\n\r\nResize\r\n--X--",
      part + "image_file\r\n\r\ni\r\n" + part + "mask_file\r\n\r\nm\r\n--X--\r\nepilogue",
      "preamble\r\n" + part + "\"a\\\"b\"\r\n\r\n1\r\n--Xy\r\n2\r\n--X \t\r\n\r\n--X--",
      "--X--",
  };
}

void run(Bytes input) {
  const std::string_view body = text_of(input);
  const auto parts = gateway::parse_multipart(body, "X");
  if (!parts) {
    require_readable(parts.error());
  } else {
    require(parts->size() <= gateway::parts_max, "parts are bounded");
    for (const gateway::Part& part : *parts) {
      require(!part.name.empty(), "every part has a name");
      require(part.data.data() >= body.data() && part.data.data() + part.data.size() <= body.data() + body.size(),
              "the data of a part lies inside of the body");
      require(part.data.find("\r\n--X\r\n") == std::string_view::npos, "no part holds a boundary");
    }
  }
  for (const auto& ask : {gateway::read_own(type, body), gateway::read_clipdrop(type, "", body)}) {
    if (!ask) require_readable(ask.error());
    if (ask) require(!ask->submission.image.empty() && !ask->submission.mask.empty(), "a request has both pictures");
  }
}

}  // namespace inpaintd::fuzz
