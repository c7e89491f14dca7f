-- The way back: public links end.
drop table shares;
