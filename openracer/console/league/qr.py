"""An address as a QR code, to be photographed from a projector."""

import io

import segno


def qr_svg(address: str) -> str:
    """One inline ``<svg>`` that fills its box: dark on white with the quiet zone that the standard asks for."""
    return str(
        segno.make(address, error="m", micro=False).svg_inline(
            omitsize=True, light="#fff", dark="#151a21", border=4, svgclass="or-qr", lineclass=None
        )
    )


def qr_png(address: str) -> bytes:
    """The same as a picture to download, about 600 pixels wide."""
    code = segno.make(address, error="m", micro=False)
    picture = io.BytesIO()
    code.save(picture, kind="png", scale=max(600 // code.symbol_size()[0], 1))
    return picture.getvalue()
