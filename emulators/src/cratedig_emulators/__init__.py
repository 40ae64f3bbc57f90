"""Music services on 127.0.0.1 that speak the real protocols and serve real audio.

Nothing here knows cratedig: any program that downloads music can be tested against these.
"""
