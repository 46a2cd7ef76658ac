"""The generations of the simulated car, with constants identified from real logs of each (see ``docs/vehicle.md``)."""

from openracer.language import gettext as _
from openracer.simulation.vehicle import VehiclePreset

V4 = VehiclePreset(
    wheel_speed_gain=1.0286,
    max_wheel_speed_mps=3.5,
    speed_lag_s=0.012372,
    speed_delay_s=0.0033021,
    steering_lag_s=0.58303,
    steering_delay_s=0.0,
    steering_jump_gain=1.67,
    steering_jump_limit_rad=0.031979,
    steering_compliance_rad_per_mps2=0.020809,
    mu_longitudinal=0.33756,
    mu_lateral=0.35448,
    slip_scale_longitudinal_mps=0.42093,
    slip_scale_lateral_mps=0.049102,
    slip_coupling=0.0,
    yaw_inertia_per_mass_m2=0.0084408,
    cg_ahead_of_axle_midpoint_m=-0.021322,
    cg_height_m=0.0038139,
    half_track_m=0.0803,
)
"""The console's car of 2020 to 2022 (metadata versions 3 and 4): a slow steering servo, soft wheel slip."""

V5 = VehiclePreset(
    wheel_speed_gain=1.0286,
    max_wheel_speed_mps=3.5,
    speed_lag_s=0.0059547,
    speed_delay_s=0.0,
    steering_lag_s=0.008,
    steering_delay_s=0.0,
    steering_jump_gain=0.0,
    steering_jump_limit_rad=0.0,
    steering_compliance_rad_per_mps2=0.024075,
    mu_longitudinal=0.30405,
    mu_lateral=0.32625,
    slip_scale_longitudinal_mps=0.10862,
    slip_scale_lateral_mps=0.041329,
    slip_coupling=0.0,
    yaw_inertia_per_mass_m2=0.013733,
    cg_ahead_of_axle_midpoint_m=0.020211,
    cg_height_m=0.0,
    half_track_m=0.0803,
)
"""DeepRacer-for-Cloud and late console (metadata version 5): immediate steering, strong understeer at speed."""

V6 = VehiclePreset(
    wheel_speed_gain=1.0286,
    max_wheel_speed_mps=4.0,
    speed_lag_s=0.0062603,
    speed_delay_s=0.016201,
    steering_lag_s=0.15374,
    steering_delay_s=0.025212,
    steering_jump_gain=0.0,
    steering_jump_limit_rad=0.0,
    steering_compliance_rad_per_mps2=2.2412e-05,
    mu_longitudinal=1.1639,
    mu_lateral=1.6629,
    slip_scale_longitudinal_mps=0.041775,
    slip_scale_lateral_mps=0.084013,
    slip_coupling=1.0349,
    yaw_inertia_per_mass_m2=0.0084449,
    cg_ahead_of_axle_midpoint_m=-0.0036403,
    cg_height_m=0.0091832,
    half_track_m=0.0803,
)
"""DeepRacer on AWS since 2025 (Gazebo Harmonic): much grip, 0.15 s steering lag; unverified above 2.5 m/s."""

PRESETS = {"v4": V4, "v5": V5, "v6": V6}


def find_preset(name: str) -> VehiclePreset:
    """The preset of that name.

    Raises:
        ValueError: there is none.
    """
    if name not in PRESETS:
        message = _("vehicle is {name!r}; it must be one of {known}")
        raise ValueError(message.format(name=name, known=", ".join(PRESETS)))
    return PRESETS[name]
