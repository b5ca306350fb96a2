"""Attendance: signed invitations, tickets at the door, and what guests thought."""
