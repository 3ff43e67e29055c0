# SPDX-License-Identifier: Apache-2.0
"""What the measurements send to inpaint-gateway, and how they read its answers."""
import asyncio
import pathlib
import subprocess

DEMO = pathlib.Path(__file__).resolve().parents[2] / "examples" / "demo"


def picture(scratch, size, quality, grain=0.0):
    """The photograph and mask of the demo at this size, with grain, so that a file is as large as a camera's."""
    files = scratch / f"{size}.jpg", scratch / f"{size}.png"
    if not files[0].exists():
        noise = ["-seed", "1", "-attenuate", str(grain), "+noise", "Gaussian"] if grain else []
        subprocess.run(["convert", DEMO / "photo.jpg", "-resize", f"{size}!", *noise, "-quality", str(quality), files[0]],
                       check=True)
        subprocess.run(["convert", DEMO / "mask.png", "-resize", f"{size}!", "-threshold", "50%", files[1]], check=True)
    return [file.read_bytes() for file in files]


def post_bytes(image, mask, query="", connection="close", **fields):
    body = b""
    for name, value in {"image": image, "mask": mask, **{k: str(v).encode() for k, v in fields.items()}}.items():
        body += b'--X\r\nContent-Disposition: form-data; name="%s"\r\n\r\n%s\r\n' % (name.encode(), value)
    body += b"--X--\r\n"
    return (f"POST /inpaint{query} HTTP/1.1\r\nHost: localhost\r\nConnection: {connection}\r\nContent-Length: {len(body)}"
            "\r\nContent-Type: multipart/form-data; boundary=X\r\n\r\n").encode() + body


async def ask(port, data):
    """Sends a request on a connection of its own. Returns the status, the headers as text, and the body. An answer that
    ends before its headers do raises ConnectionError."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        writer.write(data)
        answer = await reader.read()
    finally:
        writer.close()
    head, end, body = answer.partition(b"\r\n\r\n")
    if not end:
        raise ConnectionError("the connection ended before the answer")
    return int(head.split()[1]), head.decode(), body
