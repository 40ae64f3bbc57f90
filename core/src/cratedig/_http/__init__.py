"""How the engine speaks HTTP: clients, time-outs, and what an answer means as an error."""
