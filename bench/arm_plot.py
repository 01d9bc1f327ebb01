# SPDX-License-Identifier: Apache-2.0
"""The picture of arm-table's figures: for each core and net, what other runtimes need, Pinfer being 1."""

from xml.sax.saxutils import escape

NAMES = {"tflite-xnnpack": ("TFLite + XNNPACK", "#d55e00"), "tflite-builtin-ruy": ("TFLite, ruy", "#e69f00"),
         "tflite-builtin": ("TFLite, gemmlowp", "#777777"), "armnn": ("Arm NN CpuAcc", "#0072b2"),
         "ort": ("ONNX Runtime", "#009e73"), "mnn": ("MNN (own file)", "#8e6bbf")}
LEFT, PANEL, GAP, ROW, TOP, FOOT = 130, 250, 30, 22, 66, 64
MOST = 4.5  # the right edge; what needs more stands there with its figure


def text(x, y, words, anchor="middle", size=12, weight="normal"):
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" font-size="{size}" font-weight="{weight}">{escape(words)}</text>'


def panel(left, title, nets, ratios):
    """ratios: {(net, runtime): times what Pinfer needs}."""
    height = len(nets) * ROW
    x_of = lambda ratio: left + PANEL * (min(ratio, MOST) - 0.5) / (MOST - 0.5)
    parts = [text(left + PANEL / 2, TOP - 12, title, weight="bold")]
    for tick in (1, 2, 3, 4):
        x, strong = x_of(tick), tick == 1
        parts.append(f'<line x1="{x:.1f}" x2="{x:.1f}" y1="{TOP}" y2="{TOP + height}" stroke="{"#111" if strong else "#ddd"}"'
                     f' stroke-width="{2 if strong else 1}"/>')
        parts.append(text(x, TOP + height + 15, "Pinfer" if strong else f"{tick:g}x", size=11, weight="bold" if strong else "normal"))
    for row, net in enumerate(nets):
        y = TOP + (row + 0.5) * ROW
        parts.append(f'<line x1="{left}" x2="{left + PANEL}" y1="{y}" y2="{y}" stroke="#eee"/>')
        for (of, runtime), ratio in ratios.items():
            if of != net:
                continue
            parts.append(f'<circle cx="{x_of(ratio):.1f}" cy="{y}" r="4.5" fill="{NAMES[runtime][1]}" fill-opacity="0.85">'
                         f'<title>{escape(NAMES[runtime][0])}: {ratio:.2f}x</title></circle>')
            if ratio > MOST:
                parts.append(text(left + PANEL - 8, y + 4, f"{ratio:.1f}x", "end", 10))
    return parts


def draw(cores, nets, ours, peers):
    """cores: {cpu: title}; ours: {(cpu, net): millions}; peers: facts.PeerFigure. Returns the lines of an SVG file."""
    width, height = LEFT + len(cores) * (PANEL + GAP), TOP + len(nets) * ROW + FOOT
    lines = [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" font-family="sans-serif">',
             f'<rect width="{width}" height="{height}" fill="white"/>',
             text(width / 2, 22, "ARM instructions of one inference, Pinfer = 1 (further right: more work)", size=15, weight="bold")]
    lines += [text(LEFT - 10, TOP + (row + 0.5) * ROW + 4, net, "end") for row, net in enumerate(nets)]
    for index, (cpu, title) in enumerate(cores.items()):
        ratios = {(peer.net, peer.runtime): peer.minstr / ours[cpu, peer.net]
                  for peer in peers if peer.cpu == cpu and (cpu, peer.net) in ours}
        lines += panel(LEFT + index * (PANEL + GAP), title, nets, ratios)
    step = (width - 20) / len(NAMES)
    for index, (name, colour) in enumerate(NAMES.values()):
        x, y = 20 + index * step, height - 16
        lines += [f'<circle cx="{x:.1f}" cy="{y - 4}" r="4.5" fill="{colour}"/>', text(x + 9, y, name, "start", 11)]
    return lines + ["</svg>"]
