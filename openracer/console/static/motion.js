// Poses between the poses: a car's way from one to the next, along a curve that leaves and arrives in its headings.

/** The angle at a share between two, the shorter way round, rad. */
export function between(from, to, share) {
  return from + share * Math.atan2(Math.sin(to - from), Math.cos(to - from));
}

/**
 * The pose at a share of the way from a to b, each {x, y, yaw, steering}.
 * The curve is a cubic whose tangents are the headings, as long as the straight way (Hermite).
 */
export function poseBetween(a, b, share) {
  const chord = Math.hypot(b.x - a.x, b.y - a.y);
  const s = share, s2 = s * s, s3 = s2 * s;
  const [h00, h10, h01, h11] = [2 * s3 - 3 * s2 + 1, s3 - 2 * s2 + s, 3 * s2 - 2 * s3, s3 - s2];
  return {
    x: h00 * a.x + h01 * b.x + chord * (h10 * Math.cos(a.yaw) + h11 * Math.cos(b.yaw)),
    y: h00 * a.y + h01 * b.y + chord * (h10 * Math.sin(a.yaw) + h11 * Math.sin(b.yaw)),
    yaw: between(a.yaw, b.yaw, s),
    steering: a.steering + s * (b.steering - a.steering),
  };
}

/** The last row of ascending times that is not after t; 0 before the first. */
export function rowAt(times, t) {
  let low = 0, high = times.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (times[middle] <= t) low = middle;
    else high = middle - 1;
  }
  return low;
}

/** The pose of a drive (openracer.analysis.drives.drive_values) at a time; where the car is carried it jumps. */
export function driveAt(drive, t) {
  const row = rowAt(drive.time, t), next = Math.min(row + 1, drive.time.length - 1);
  const at = (k) => ({ x: drive.x[k], y: drive.y[k], yaw: drive.yaw[k], steering: drive.steering[k] });
  if (next === row || drive.jump[next]) return { ...at(row), row };
  const share = Math.min(Math.max((t - drive.time[row]) / (drive.time[next] - drive.time[row]), 0), 1);
  return { ...poseBetween(at(row), at(next), share), row };
}

/** The boxes and bots of a drive at a time: lists of [x, y, yaw]. */
export function objectsAt(drive, t) {
  const row = rowAt(drive.time, t), next = Math.min(row + 1, drive.time.length - 1);
  const bots = drive.bots?.[row] ?? [], after = drive.bots?.[next] ?? bots;
  const gap = drive.time[next] - drive.time[row], share = gap ? Math.min(Math.max((t - drive.time[row]) / gap, 0), 1) : 0;
  return {
    boxes: drive.boxes?.[0] ?? [],
    bots: bots.map(([x, y, yaw], k) => {
      const [toX, toY, toYaw] = after[k];
      return [x + share * (toX - x), y + share * (toY - y), between(yaw, toYaw, share)];
    }),
  };
}

/** The way of a drive up to a time as a trail of [x, y], null where the car was carried; at most `rows` rows. */
export function trailOf(drive, t, rows) {
  const pose = driveAt(drive, t), trail = [];
  for (let row = Math.max(0, pose.row - rows); row <= pose.row; row++) {
    if (drive.jump[row]) trail.push(null);
    trail.push([drive.x[row], drive.y[row]]);
  }
  trail.push([pose.x, pose.y]);
  return trail;
}

/** Seconds as M:SS.cc. */
export function clock(seconds) {
  const minutes = Math.floor(seconds / 60);
  return `${minutes}:${(seconds - 60 * minutes).toFixed(2).padStart(5, "0")}`;
}
