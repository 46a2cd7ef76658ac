// What stands on the road besides cars, as canvases draw it: boxes, from above and as solid bodies, and bots' colour.
// Sizes and colour: deepracer-simapp, model box_obstacle. Lengths in m.

export const BOX_LENGTH = 0.4;
export const BOT_COLOUR = "#d64a3a";
const BOX_WIDTH = 0.3, BOX_TOP = 0.225, BOX_COLOUR = "#9a7a62";
const X = 0.5 * BOX_LENGTH, Y = 0.5 * BOX_WIDTH;

/** Draw a box from above; the pen's units are metres, y up. `size` enlarges it. */
export function drawBox(pen, box, size) {
  pen.save();
  pen.translate(box.x, box.y);
  pen.rotate(box.yaw);
  pen.scale(size, size);
  pen.fillStyle = "rgb(0 0 0 / 25%)";
  pen.fillRect(-X + 0.02, -Y - 0.03, BOX_LENGTH, BOX_WIDTH);
  pen.fillStyle = BOX_COLOUR;
  pen.fillRect(-X, -Y, BOX_LENGTH, BOX_WIDTH);
  pen.strokeStyle = "rgb(255 255 255 / 80%)";
  pen.lineWidth = 0.015;
  pen.strokeRect(-X, -Y, BOX_LENGTH, BOX_WIDTH);
  pen.beginPath();
  pen.moveTo(-X, 0);
  pen.lineTo(X, 0);
  pen.stroke();
  pen.restore();
}

const face = (normal, points) => ({ normal, points, colour: BOX_COLOUR });

/** The faces of a box in its own frame: {points, normal, colour}, as carFaces gives those of a car. */
export const BOX_FACES = [
  face([0, 0, 1], [[-X, -Y, BOX_TOP], [X, -Y, BOX_TOP], [X, Y, BOX_TOP], [-X, Y, BOX_TOP]]),
  face([1, 0, 0], [[X, -Y, 0], [X, Y, 0], [X, Y, BOX_TOP], [X, -Y, BOX_TOP]]),
  face([-1, 0, 0], [[-X, -Y, 0], [-X, Y, 0], [-X, Y, BOX_TOP], [-X, -Y, BOX_TOP]]),
  face([0, 1, 0], [[-X, Y, 0], [X, Y, 0], [X, Y, BOX_TOP], [-X, Y, BOX_TOP]]),
  face([0, -1, 0], [[-X, -Y, 0], [X, -Y, 0], [X, -Y, BOX_TOP], [-X, -Y, BOX_TOP]]),
];
