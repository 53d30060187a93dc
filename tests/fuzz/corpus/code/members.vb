Public Property P As Integer
  Get
    Return 1
  End Get
  Set(v As Integer)
    F = v
  End Set
End Property
<A()> Public Function F(a, _
  b) As Object()
  On Error Resume Next
  Static q = 5
  ReDim Preserve r(3)
  Do Until q > 9
    q += 1 : If q = 7 Then Exit Do
  Loop
  While q > 0
    q = q - 2
  End While
  Return New Object() {a, b, q}
End Function
#Region "x"
Class C
End Class
