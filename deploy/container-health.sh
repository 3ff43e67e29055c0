#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Whether the service in this container answers: inpaintd at port 9464, or inpaint-gateway at port 8080.
for port in 9464 8080; do
  curl -fsS -m 4 -o /dev/null "http://127.0.0.1:$port/healthz" 2>/dev/null && exit 0
done
exit 1
